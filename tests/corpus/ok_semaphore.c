// The semaphore says when the answer is there.
#include <pthread.h>
#include <semaphore.h>

static sem_t ready;
static int answer;

static void *compute(void *unused) {
  answer = 42;
  sem_post(&ready);
  return unused;
}

int main(void) {
  pthread_t thread;
  sem_init(&ready, 0, 0);
  if (pthread_create(&thread, 0, compute, 0) != 0) return 1;
  sem_wait(&ready);
  const int got = answer;
  pthread_join(thread, 0);
  return got == 42 ? 0 : 1;
}
