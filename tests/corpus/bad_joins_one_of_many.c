// Four threads are started, one is joined.
#include <pthread.h>

static int finished;

static void *work(void *unused) {
  __atomic_fetch_add(&finished, 1, __ATOMIC_RELAXED);  // expect: data-race finished
  return unused;
}

int main(void) {
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) {
    if (pthread_create(&threads[i], 0, work, 0) != 0) return 1;
  }
  pthread_join(threads[2], 0);
  return finished > 4 ? 1 : 0;  // expect: data-race finished
}
