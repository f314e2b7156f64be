// Three layers of wrappers lie round every mutex; finish() comes to its end with the lock held already.
#include <pthread.h>

struct mutex {
  pthread_mutex_t native;
};

static int native_lock(pthread_mutex_t *native) { return pthread_mutex_lock(native); }
static int native_unlock(pthread_mutex_t *native) { return pthread_mutex_unlock(native); }
static void platform_lock(struct mutex *mutex) { native_lock(&mutex->native); }
static void platform_unlock(struct mutex *mutex) { native_unlock(&mutex->native); }
void mutex_lock(struct mutex *mutex) { platform_lock(mutex); }
void mutex_unlock(struct mutex *mutex) { platform_unlock(mutex); }

struct dialer {
  struct mutex mutex;
  int *waiting;
  int failed;
};

void finish(struct dialer *dialer, int result) {
  mutex_lock(&dialer->mutex);
  if (result != 0) goto failed;
  dialer->failed = 0;
  mutex_unlock(&dialer->mutex);
  return;

failed:
  mutex_lock(&dialer->mutex);  // expect: double-lock mutex::native
  dialer->failed = 1;
  if (dialer->waiting) *dialer->waiting = result;
  mutex_unlock(&dialer->mutex);
}

int main(void) {
  struct dialer dialer = {{PTHREAD_MUTEX_INITIALIZER}, 0, 0};
  finish(&dialer, 0);
  return dialer.failed;
}
