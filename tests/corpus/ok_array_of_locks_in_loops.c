// All locks of a level are taken by one loop and given back by the next.
#include <pthread.h>

enum { LEVELS = 4, MANY = 8 };
static struct level {
  pthread_mutex_t cells[MANY];
} g_levels[LEVELS];

static void sweep(int levels, int many) {
  for (int l = 0; l < levels; ++l)
    for (int i = 0; i < many; ++i) pthread_mutex_lock(&g_levels[l].cells[i]);
  for (int l = 0; l < levels; ++l)
    for (int i = 0; i < many; ++i) pthread_mutex_unlock(&g_levels[l].cells[i]);
}

int main(int argc, char** argv) {
  (void)argv;
  for (int l = 0; l < LEVELS; ++l)
    for (int i = 0; i < MANY; ++i) pthread_mutex_init(&g_levels[l].cells[i], NULL);
  sweep(argc % LEVELS, argc % MANY);
  return 0;
}
