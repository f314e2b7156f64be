// Locking may fail, and then there is nothing to give back; one function takes the lock for its caller.
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

struct item {
  pthread_mutex_t lock;
  int value;
};

static struct item items[2] = {{PTHREAD_MUTEX_INITIALIZER, 1}, {PTHREAD_MUTEX_INITIALIZER, 2}};

static int bump(struct item *item) {
  int error = pthread_mutex_lock(&item->lock);
  if (error != 0) return error;
  item->value++;
  return pthread_mutex_unlock(&item->lock);
}

/* The item, locked, or nothing. */
static struct item *find(int value) {
  for (int i = 0; i < 2; i++) {
    struct item *item = &items[i];
    pthread_mutex_lock(&item->lock);
    if (item->value == value) return item;
    pthread_mutex_unlock(&item->lock);
  }
  return NULL;
}

static void *work(void *unused) {
  (void)unused;
  bump(&items[0]);
  return NULL;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, work, NULL);
  pthread_join(thread, NULL);
  struct item *item = find(2);
  if (item == NULL) return 1;
  item->value = 3;
  pthread_mutex_unlock(&item->lock);
  return 0;
}
