/* What a lock was taken through is no null pointer, so the test for one leaves the lock to the other way. */
#include <pthread.h>
#include <stddef.h>

struct entry {
  struct entry *next;
  pthread_mutex_t mutex;
  int uses;
};

struct table {
  pthread_mutex_t mutex;
  struct entry *idle;
};

int use_idle(struct table *table) {
  struct entry *entry;
  pthread_mutex_lock(&table->mutex);
  if (table->idle) {
    entry = table->idle;
    table->idle = entry->next;
    pthread_mutex_lock(&entry->mutex);
  } else {
    entry = NULL;
  }
  pthread_mutex_unlock(&table->mutex);
  if (!entry) return -1;
  ++entry->uses;
  pthread_mutex_unlock(&entry->mutex);
  return 0;
}
