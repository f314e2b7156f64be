// Counting up a semaphore is what a signal handler may do.
#include <semaphore.h>
#include <signal.h>

static sem_t g_stop;

static void on_stop(int signal) {
  (void)signal;
  sem_post(&g_stop);
}

int main(void) {
  sem_init(&g_stop, 0, 0);
  signal(SIGTERM, on_stop);
  while (sem_wait(&g_stop) != 0) {
  }
  return 0;
}
