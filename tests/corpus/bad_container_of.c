// The callback gets a pointer to a member and finds the object around it.
#include <pthread.h>
#include <stddef.h>

#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

struct hook {
  int priority;
};

struct driver {
  pthread_mutex_t lock;
  struct hook hook;
  int pending;
};

static struct driver driver = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *on_event(void *argument) {
  struct hook *hook = argument;
  struct driver *self = container_of(hook, struct driver, hook);
  pthread_mutex_lock(&self->lock);
  self->pending++;  // expect: data-race driver::pending
  pthread_mutex_unlock(&self->lock);
  return 0;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, on_event, &driver.hook) != 0) return 1;
  driver.pending = 0;  // expect: data-race driver::pending
  pthread_join(thread, 0);
  return driver.pending == 1 ? 0 : 1;
}
