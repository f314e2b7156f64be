// What trying gave is kept in a variable that starts empty, and decides whether there is something to give back.
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

#define STRIPES 16
static pthread_mutex_t g_stripes[STRIPES];
static pthread_mutex_t g_walk = PTHREAD_MUTEX_INITIALIZER;
static int g_values[256];
static int g_pace;

static void* try_stripe(unsigned hash) {
  pthread_mutex_t* lock = &g_stripes[hash % STRIPES];
  return pthread_mutex_trylock(lock) == 0 ? lock : NULL;
}

static void leave_stripe(void* lock) { pthread_mutex_unlock((pthread_mutex_t*)lock); }

void walk(void) {
  pthread_mutex_lock(&g_walk);
  void* held = NULL;
  for (unsigned i = 0; i < 256; ++i) {
    if ((held = try_stripe(i)) == NULL) continue;
    if (g_values[i] > 3) {
      if (held) leave_stripe(held);
      continue;
    }
    ++g_values[i];
    if (held) leave_stripe(held);
    if (g_pace) {
      pthread_mutex_unlock(&g_walk);
      usleep(1000);
      pthread_mutex_lock(&g_walk);
    }
  }
  pthread_mutex_unlock(&g_walk);
}

int main(void) {
  for (int i = 0; i < STRIPES; ++i) pthread_mutex_init(&g_stripes[i], NULL);
  walk();
  return 0;
}
