// The same object by two names, under the same lock by two names.
#include <pthread.h>

struct hook {
  int priority;
};

struct driver {
  pthread_mutex_t lock;
  struct hook hook;
  int pending;
};

static struct driver driver = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct driver *driver_of(struct hook *hook) {
  return (struct driver *)((char *)hook - (unsigned long)&((struct driver *)0)->hook);
}

static void *on_event(void *argument) {
  struct driver *self = driver_of(argument);
  pthread_mutex_lock(&self->lock);
  self->pending++;
  pthread_mutex_unlock(&self->lock);
  return 0;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, on_event, &driver.hook) != 0) return 1;
  pthread_mutex_lock(&driver.lock);
  driver.pending = 4;
  pthread_mutex_unlock(&driver.lock);
  pthread_join(thread, 0);
  return 0;
}
