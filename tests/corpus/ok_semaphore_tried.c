// What was written before the semaphore was posted is seen by who tries until he gets it.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

static const char* g_result;
static sem_t g_ready;

static void* make(void* arg) {
  g_result = "made";
  sem_post(&g_ready);
  return arg;
}

int main(void) {
  pthread_t thread;
  sem_init(&g_ready, 0, 0);
  pthread_create(&thread, NULL, make, NULL);
  while (sem_trywait(&g_ready) != 0) {
  }
  puts(g_result);
  pthread_join(thread, NULL);
  return 0;
}
