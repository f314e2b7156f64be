// One function takes the lock or gives it back, as it is told; the thread that rests does so on purpose, with a lock
// that stands for the thread.
#include <pthread.h>
#include <unistd.h>

enum order { PAUSE, RESUME };

static pthread_mutex_t pause_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static int generation;

static void steer(enum order order) {
  switch (order) {
    case PAUSE:
      pthread_mutex_lock(&pause_lock);
      break;
    case RESUME:
      pthread_mutex_unlock(&pause_lock);
      break;
  }
}

static void *rest(void *unused) {
  (void)unused;
  pthread_mutex_lock(&running_lock);
  for (int i = 0; i < 10; i++) {
    steer(PAUSE);
    generation++;
    steer(RESUME);
    usleep(1000);
  }
  pthread_mutex_unlock(&running_lock);
  return 0;
}

int main(void) {
  pthread_t worker;
  if (pthread_create(&worker, 0, rest, 0) != 0) return 1;
  pthread_mutex_lock(&running_lock);
  pthread_mutex_unlock(&running_lock);
  pthread_join(worker, 0);
  return 0;
}
