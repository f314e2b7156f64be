// verdict: confirmed
// shows: rarely
//
// A small search engine: a document store, an index and a cache of answers, each with its lock. Any two of the three
// jobs get along; all three at once wait for each other in a ring.
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t store_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t index_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;

static int documents = 3;
static int indexed = 0;
static int answer = 0;

static void wait_millis(long millis) {
  struct timespec pause = {0, millis * 1000000L};
  nanosleep(&pause, NULL);
}

// Brings the index up to date with the store.
static void* update_index(void* unused) {
  pthread_mutex_lock(&store_lock);  // expect: lock-order store_lock
  pthread_mutex_lock(&index_lock);  // expect: lock-order index_lock
  indexed = documents;
  pthread_mutex_unlock(&index_lock);
  pthread_mutex_unlock(&store_lock);
  return unused;
}

// Answers a query from the index and remembers the answer.
static void* answer_query(void* unused) {
  wait_millis(120);
  pthread_mutex_lock(&index_lock);  // expect: lock-order index_lock
  pthread_mutex_lock(&cache_lock);  // expect: lock-order cache_lock
  answer = indexed;
  pthread_mutex_unlock(&cache_lock);
  pthread_mutex_unlock(&index_lock);
  return unused;
}

// Throws answers away whose documents are gone.
static void* expire_cache(void* unused) {
  wait_millis(240);
  pthread_mutex_lock(&cache_lock);  // expect: lock-order cache_lock
  pthread_mutex_lock(&store_lock);  // expect: lock-order store_lock
  if (documents == 0) answer = 0;
  pthread_mutex_unlock(&store_lock);
  pthread_mutex_unlock(&cache_lock);
  return unused;
}

int main(void) {
  pthread_t updater;
  pthread_t reader;
  pthread_t expirer;
  if (pthread_create(&updater, NULL, update_index, NULL) != 0) return 1;
  if (pthread_create(&reader, NULL, answer_query, NULL) != 0) return 1;
  if (pthread_create(&expirer, NULL, expire_cache, NULL) != 0) return 1;
  pthread_join(updater, NULL);
  pthread_join(reader, NULL);
  pthread_join(expirer, NULL);

  printf("%d documents indexed\n", indexed);
  return indexed == 3 ? 0 : 1;
}
