// The lock is a gate: the worker cannot pass it before main has finished with the table.
#include <pthread.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int table[4];

static void *work(void *unused) {
  pthread_mutex_lock(&gate);
  pthread_mutex_unlock(&gate);
  table[0] = table[1];
  return unused;
}

int main(void) {
  pthread_t worker;
  pthread_mutex_lock(&gate);
  if (pthread_create(&worker, 0, work, 0) != 0) return 1;
  for (int i = 0; i < 4; ++i) table[i] = i;
  pthread_mutex_unlock(&gate);
  pthread_join(worker, 0);
  return table[0] == 1 ? 0 : 1;
}
