// Everybody writes before the barrier and reads after it.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

static pthread_barrier_t all_here;
static int left, right;

static void *measure_left(void *unused) {
  left = 3;
  pthread_barrier_wait(&all_here);
  return right > 0 ? unused : 0;
}

int main(void) {
  pthread_t thread;
  pthread_barrier_init(&all_here, 0, 2);
  if (pthread_create(&thread, 0, measure_left, 0) != 0) return 1;
  right = 4;
  pthread_barrier_wait(&all_here);
  const int sum = left + right;
  pthread_join(thread, 0);
  return sum == 7 ? 0 : 1;
}
