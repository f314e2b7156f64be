// Locks that a hash chooses are taken in one function and given back in another, under whatever names.
#include <pthread.h>
#include <stdlib.h>

#define LOCKS 32

static pthread_mutex_t locks[LOCKS];
static int values[LOCKS];

static unsigned hash(unsigned key) { return key * 2654435761u; }

static void hold(unsigned key) { pthread_mutex_lock(&locks[hash(key) % LOCKS]); }
static void let_go(unsigned key) { pthread_mutex_unlock(&locks[hash(key) % LOCKS]); }

static pthread_mutex_t *attempt(unsigned key) {
  pthread_mutex_t *lock = &locks[hash(key) % LOCKS];
  return pthread_mutex_trylock(lock) == 0 ? lock : 0;
}

int increment(unsigned key) {
  hold(key);
  if (values[hash(key) % LOCKS] < 0) {
    let_go(key);
    return -1;
  }
  const int value = ++values[hash(key) % LOCKS];
  let_go(key);
  return value;
}

/// Another name for the same lock.
int decrement(unsigned key) {
  const unsigned number = hash(key) % LOCKS;
  pthread_mutex_lock(&locks[number]);
  const unsigned same = number;
  const int value = --values[number];
  pthread_mutex_unlock(&locks[same]);
  return value;
}

int is_busy(unsigned key) {
  pthread_mutex_t *lock = attempt(key);
  if (lock == 0) return 1;
  pthread_mutex_unlock(lock);
  return 0;
}

/// Two locks, by number.
void move(unsigned from, unsigned to) {
  if (from == to) return;
  if (from > to) {
    const unsigned other = from;
    from = to;
    to = other;
  }
  pthread_mutex_lock(&locks[from]);
  pthread_mutex_lock(&locks[to]);
  values[to] += values[from];
  values[from] = 0;
  pthread_mutex_unlock(&locks[to]);
  pthread_mutex_unlock(&locks[from]);
}

/// The walk hands the lock of each bucket on to the next turn.
void wait_for_all(void) {
  unsigned held = 0;
  pthread_mutex_lock(&locks[held]);
  for (unsigned i = 1; i < LOCKS; i++) {
    pthread_mutex_lock(&locks[i]);
    pthread_mutex_unlock(&locks[held]);
    held = i;
  }
  pthread_mutex_unlock(&locks[held]);
}
