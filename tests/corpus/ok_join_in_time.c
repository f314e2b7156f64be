// The first join may give up; then the second waits for as long as it takes.
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static void* work(void* arg) {
  usleep(1000);
  return arg;
}

int main(void) {
  pthread_t thread;
  struct timespec until;
  pthread_create(&thread, NULL, work, NULL);
  clock_gettime(CLOCK_REALTIME, &until);
  if (pthread_timedjoin_np(thread, NULL, &until) != 0) pthread_join(thread, NULL);
  pthread_create(&thread, NULL, work, NULL);
  while (pthread_tryjoin_np(thread, NULL) != 0) usleep(100);
  return 0;
}
