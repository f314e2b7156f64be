// Both write before the barrier.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

static pthread_barrier_t all_here;
static int worst;

static void *measure_left(void *unused) {
  worst = 3;  // expect: data-race worst
  pthread_barrier_wait(&all_here);
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_barrier_init(&all_here, 0, 2);
  if (pthread_create(&thread, 0, measure_left, 0) != 0) return 1;
  worst = 4;  // expect: data-race worst
  pthread_barrier_wait(&all_here);
  pthread_join(thread, 0);
  return 0;
}
