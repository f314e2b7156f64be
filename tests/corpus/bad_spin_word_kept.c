// expect: lock-leak g_spin
// The word that is the lock is not put back on the way out that gives up.
#include <pthread.h>

static volatile long g_spin;
static int g_count;

static void spin_lock(volatile long* word) {
  while (!__sync_bool_compare_and_swap(word, 0, 1)) {
  }
}

static int count(int limit) {
  spin_lock(&g_spin);
  if (g_count >= limit) return -1;
  ++g_count;
  g_spin = 0;
  return 0;
}

static void* run(void* arg) {
  while (count(1000) == 0) {
  }
  return arg;
}

int main(void) {
  pthread_t a, b;
  pthread_create(&a, NULL, run, NULL);
  pthread_create(&b, NULL, run, NULL);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  return 0;
}
