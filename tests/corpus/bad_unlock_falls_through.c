// The second error branch gives the lock back and forgets to return.
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t devices_lock = PTHREAD_MUTEX_INITIALIZER;
static int devices;

static void devices_unlock(void) { pthread_mutex_unlock(&devices_lock); }

int add_device(const char *name) {
  int failed = 0;
  pthread_mutex_lock(&devices_lock);
  if (name == 0) {
    devices_unlock();
    return -1;
  }
  if (atoi(name) == 0) {
    devices_unlock();
    failed = 1;
  }
  devices++;
  devices_unlock();  // expect: bad-unlock devices_lock
  return failed;
}
