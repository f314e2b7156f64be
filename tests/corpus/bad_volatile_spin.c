// The compiler reads a volatile each time; that does not make the result behind it visible.
#include <pthread.h>

static volatile int ready;
static int result;

static void* compute(void* unused) {
  (void)unused;
  result = 6 * 7;
  ready = 1;  // expect: plain-flag-sync ready
  return 0;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, compute, 0) != 0) return 1;
  while (!ready) {  // expect: plain-flag-sync ready
  }
  pthread_join(thread, 0);
  return result == 42 ? 0 : 1;
}
