// The same with pthreads, where only the attribute says that the lock is recursive.
#define _XOPEN_SOURCE 700

#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock;
static int depth = 0;

static void enter(int levels) {
  pthread_mutex_lock(&lock);
  ++depth;
  if (levels > 1) enter(levels - 1);
  pthread_mutex_unlock(&lock);
}

static void* walk(void* unused) {
  enter(3);
  return unused;
}

int main(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&lock, &attributes);

  pthread_t first;
  pthread_t second;
  if (pthread_create(&first, NULL, walk, NULL) != 0) return 1;
  if (pthread_create(&second, NULL, walk, NULL) != 0) return 1;
  pthread_join(first, NULL);
  pthread_join(second, NULL);
  return depth == 6 ? 0 : 1;
}
