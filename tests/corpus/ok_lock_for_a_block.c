// A macro that locks for the block behind it: a loop of one turn.
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define WITH(lock) for (bool once = (pthread_mutex_lock(lock), true); once; pthread_mutex_unlock(lock), once = false)
#define WITH_IF(lock, wanted)                                           \
  for (bool once = ((wanted) ? (pthread_mutex_lock(lock), true) : true); once; \
       once = ((wanted) ? (pthread_mutex_unlock(lock), false) : false))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char text[64];
static size_t used;

void keep(const char* said) {
  if (!said) return;
  WITH(&lock) {
    const size_t n = strlen(said);
    if (n < sizeof(text)) {
      memcpy(text, said, n);
      used = n;
    }
  }
}

size_t length(bool shared) {
  size_t n = 0;
  WITH_IF(&lock, shared) { n = used; }
  return n;
}
