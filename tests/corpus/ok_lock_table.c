// Locks are taken through a table of functions, which a debug version may replace: what the call takes is not certain,
// but both sides take it.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct lock_functions {
  void *(*make)(void);
  int (*lock)(unsigned, void *);
  int (*unlock)(unsigned, void *);
};

struct watched {
  void *real;
  int count;
};

static void *plain_make(void) {
  pthread_mutex_t *mutex = malloc(sizeof(*mutex));
  if (mutex) pthread_mutex_init(mutex, NULL);
  return mutex;
}
static int plain_lock(unsigned mode, void *lock) {
  return mode & 1 ? pthread_mutex_trylock(lock) : pthread_mutex_lock(lock);
}
static int plain_unlock(unsigned mode, void *lock) {
  (void)mode;
  return pthread_mutex_unlock(lock);
}

static struct lock_functions g_locks = {plain_make, plain_lock, plain_unlock};
static struct lock_functions g_real;

static void *watched_make(void) {
  struct watched *watched = calloc(1, sizeof(*watched));
  if (watched) watched->real = g_real.make();
  return watched;
}
static int watched_lock(unsigned mode, void *lock) {
  struct watched *watched = lock;
  int result = g_real.lock(mode, watched->real);
  if (!result) ++watched->count;
  return result;
}
static int watched_unlock(unsigned mode, void *lock) {
  struct watched *watched = lock;
  --watched->count;
  return g_real.unlock(mode, watched->real);
}

static void watch_locks(void) {
  static const struct lock_functions watched = {watched_make, watched_lock, watched_unlock};
  g_real = g_locks;
  g_locks = watched;
}

struct base {
  void *lock;
  long events;
};

static void add(struct base *base) {
  if (base->lock) g_locks.lock(0, base->lock);
  ++base->events;
  if (base->lock) g_locks.unlock(0, base->lock);
}

static void *run(void *argument) {
  for (int i = 0; i < 1000; ++i) add(argument);
  return NULL;
}

int main(int count, char **names) {
  pthread_t thread;
  struct base base = {NULL, 0};
  if (count > 1 && names) watch_locks();
  base.lock = g_locks.make();
  if (pthread_create(&thread, NULL, run, &base) != 0) return 1;
  run(&base);
  pthread_join(thread, NULL);
  printf("%ld\n", base.events);
  return 0;
}
