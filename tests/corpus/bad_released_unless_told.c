// expect: double-lock g_lock
// The helper takes the lock unless it is told not to, and one caller tells it the wrong thing.
#include <pthread.h>

enum held { HELD_BY_NOBODY, HELD_BY_CALLER };

static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static int g_total;

static void add(int amount, enum held held) {
  if (held == HELD_BY_NOBODY) pthread_mutex_lock(&g_lock);
  g_total += amount;
  if (held == HELD_BY_NOBODY) pthread_mutex_unlock(&g_lock);
}

void deposit(int amount) { add(amount, HELD_BY_NOBODY); }

void transfer(int amount) {
  pthread_mutex_lock(&g_lock);
  add(-amount, HELD_BY_CALLER);
  add(amount, HELD_BY_NOBODY);
  pthread_mutex_unlock(&g_lock);
}
