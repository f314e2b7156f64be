// The lock of one bucket out of many is left locked when there is no memory for the copy.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 16

static pthread_mutex_t bucket_lock[BUCKETS];
static char *bucket[BUCKETS];

char *copy_bucket(unsigned number) {
  unsigned id = number;
  id |= 8;
  pthread_mutex_lock(&bucket_lock[id]);  // expect: lock-leak bucket_lock
  char *copy = malloc(64);
  if (copy == 0) return 0;
  strncpy(copy, bucket[id], 63);
  pthread_mutex_unlock(&bucket_lock[id]);
  return copy;
}

void clear_bucket(unsigned id) {
  pthread_mutex_lock(&bucket_lock[id]);
  free(bucket[id]);
  bucket[id] = 0;
  pthread_mutex_unlock(&bucket_lock[id]);
}
