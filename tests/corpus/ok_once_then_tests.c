// What was initialised once is behind the thread; two looks at a variable after that are not a look before a lock.
#include <pthread.h>
#include <stdio.h>

static pthread_once_t g_once = PTHREAD_ONCE_INIT;
static char g_name[16];
static int g_out = -1;

static void prepare(void) { snprintf(g_name, sizeof(g_name), "out"); }

static void finish(int keep) {
  if (g_out >= 0) printf("closing %d\n", g_out);
  pthread_once(&g_once, prepare);
  if (g_out >= 0 && !keep) g_out = -1;
}

int main(void) {
  g_out = 3;
  finish(1);
  finish(0);
  return g_out == -1 ? 0 : 1;
}
