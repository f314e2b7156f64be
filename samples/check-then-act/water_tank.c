// verdict: confirmed
// shows: rarely
//
// Pumps fill and drain a tank. Each reads the level under the lock, works out the new one without it and writes it back
// under the lock again: what another pump did in between is lost.
#define _POSIX_C_SOURCE 199309L
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
  pthread_mutex_lock(&tank.lock);
  long level = tank.level;  // expect: check-then-act tank::level
  pthread_mutex_unlock(&tank.lock);

  level += measured(flow);

  pthread_mutex_lock(&tank.lock);
  tank.level = level;  // expect: check-then-act tank::level
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
