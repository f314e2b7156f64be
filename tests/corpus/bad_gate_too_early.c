// The gate opens before main has finished with the table.
#include <pthread.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int mode;

static void *work(void *unused) {
  pthread_mutex_lock(&gate);
  pthread_mutex_unlock(&gate);
  mode = 2;  // expect: data-race mode
  return unused;
}

int main(void) {
  pthread_t worker;
  pthread_mutex_lock(&gate);
  if (pthread_create(&worker, 0, work, 0) != 0) return 1;
  pthread_mutex_unlock(&gate);
  mode = 1;  // expect: data-race mode
  pthread_join(worker, 0);
  return mode == 0 ? 1 : 0;
}
