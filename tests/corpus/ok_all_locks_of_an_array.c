// All locks of an array are taken by one loop and given back by another, here and in a function of its own.
#include <pthread.h>

#define LOCKS 8

static pthread_mutex_t locks[LOCKS];
static long counts[LOCKS];

void stop_everything(void) {
  for (int i = 0; i < LOCKS; i++) pthread_mutex_lock(&locks[i]);
}

void resume_everything(void) {
  for (int i = LOCKS - 1; i >= 0; i--) pthread_mutex_unlock(&locks[i]);
}

static long sum(void) {
  long all = 0;
  for (int i = 0; i < LOCKS; i++) all += counts[i];
  return all;
}

static void *report(void *out) {
  stop_everything();
  *(long *)out = sum();
  resume_everything();
  for (int i = 0; i < LOCKS; i++) pthread_mutex_lock(&locks[i]);
  *(long *)out += sum();
  for (int i = 0; i < LOCKS; i++) pthread_mutex_unlock(&locks[i]);
  return 0;
}

int main(void) {
  pthread_t reporter;
  long result = 0;
  for (int i = 0; i < LOCKS; i++) pthread_mutex_init(&locks[i], 0);
  if (pthread_create(&reporter, 0, report, &result) != 0) return 1;
  pthread_join(reporter, 0);
  for (int i = 0; i < LOCKS; i++) pthread_mutex_destroy(&locks[i]);
  return result == 0 ? 0 : 1;
}
