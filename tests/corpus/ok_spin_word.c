// A word is the lock: taken by compare-and-swap in a function, given back by a plain store, both seen as what they are.
#include <pthread.h>

static volatile long g_spin;
static int g_count;

static void spin_lock(volatile long* word, long value) {
  for (;;) {
    if (*word == 0 && __sync_bool_compare_and_swap(word, 0, value)) return;
    for (int i = 0; i < 64; ++i)
      if (*word == 0 && __sync_bool_compare_and_swap(word, 0, value)) return;
  }
}

#define SPIN_UNLOCK(word) *(word) = 0

static void* count(void* arg) {
  for (int i = 0; i < 1000; ++i) {
    spin_lock(&g_spin, 1);
    ++g_count;
    SPIN_UNLOCK(&g_spin);
  }
  return arg;
}

int main(void) {
  pthread_t a, b;
  pthread_create(&a, NULL, count, NULL);
  pthread_create(&b, NULL, count, NULL);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  return g_count == 2000 ? 0 : 1;
}
