// A pointer is set to the lock that a hash chooses; a full table leaves it locked.
#include <pthread.h>

#define LOCKS 32
#define SLOTS 1024

static pthread_mutex_t locks[LOCKS];
static unsigned keys[SLOTS];
static int counts[SLOTS];

static unsigned hash(unsigned key) { return key * 2654435761u; }

int add(unsigned key) {
  pthread_mutex_t *lock = &locks[hash(key) % LOCKS];
  const unsigned slot = hash(key) % SLOTS;
  pthread_mutex_lock(lock);  // expect: lock-leak lock
  if (keys[slot] != 0 && keys[slot] != key) return -1;
  keys[slot] = key;
  const int count = ++counts[slot];
  pthread_mutex_unlock(lock);
  return count;
}

int look(unsigned key) {
  pthread_mutex_t *lock = &locks[hash(key) % LOCKS];
  pthread_mutex_lock(lock);
  const int count = counts[hash(key) % SLOTS];
  pthread_mutex_unlock(lock);
  return count;
}
