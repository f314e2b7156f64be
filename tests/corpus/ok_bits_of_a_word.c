// One bit of a word decides whether to go on, another bit of it is asked and set under a lock: not one look made twice.
#include <pthread.h>

enum { kClosed = 1, kFull = 2 };

struct link {
  pthread_mutex_t lock;
  unsigned flags;
};

int forward(struct link* link) {
  if (link->flags & kClosed) return -1;
  pthread_mutex_lock(&link->lock);
  if (link->flags & kFull) link->flags &= ~kFull;
  pthread_mutex_unlock(&link->lock);
  return 0;
}
