// Pumps fill and drain a tank. The flow is worked out first; the level is read and written under one hold of the lock.
#include <pthread.h>
#include <stdio.h>
#include <time.h>

struct tank {
  pthread_mutex_t lock;
  long level;
};

static struct tank tank = {PTHREAD_MUTEX_INITIALIZER, 1000};

static void pause_millis(long millis) {
  struct timespec time = {0, millis * 1000000};
  nanosleep(&time, NULL);
}

static long measured(long flow) { return flow - flow / 50; }

static void pump(long flow) {
  const long change = measured(flow);
  pthread_mutex_lock(&tank.lock);
  tank.level += change;
  pthread_mutex_unlock(&tank.lock);
}

static void* fill(void* unused) {
  (void)unused;
  for (int i = 0; i < 3; ++i) pump(100);
  return NULL;
}

static void* drain(void* unused) {
  (void)unused;
  pause_millis(120);
  pump(-200);
  return NULL;
}

int main(void) {
  pthread_t filling, draining;
  pthread_create(&filling, NULL, fill, NULL);
  pthread_create(&draining, NULL, drain, NULL);
  pthread_join(filling, NULL);
  pthread_join(draining, NULL);
  printf("level %ld\n", tank.level);
  return tank.level == 1098 ? 0 : 1;
}
