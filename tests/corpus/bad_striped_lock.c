// Every thread locks the stripe of its own key, but the total is one for all stripes.
#include <pthread.h>
#include <stdint.h>

#define STRIPES 4

static pthread_mutex_t stripe[STRIPES];
static long used[STRIPES];
static long total;

static void *fill(void *argument) {
  const long key = (long)(intptr_t)argument;
  pthread_mutex_lock(&stripe[key]);
  used[key]++;
  total++;  // expect: data-race total
  pthread_mutex_unlock(&stripe[key]);
  return 0;
}

int main(void) {
  pthread_t threads[STRIPES];
  for (int i = 0; i < STRIPES; ++i) pthread_mutex_init(&stripe[i], 0);
  for (int i = 0; i < STRIPES; ++i) {
    if (pthread_create(&threads[i], 0, fill, (void *)(intptr_t)i) != 0) return 1;
  }
  for (int i = 0; i < STRIPES; ++i) pthread_join(threads[i], 0);
  return total == STRIPES ? 0 : 1;
}
