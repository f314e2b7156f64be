// fail() never comes back, so nobody goes on without the lock.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int stock = 5;

static void fail(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static void take(int count) {
  pthread_mutex_lock(&lock);
  if (count > stock) {
    pthread_mutex_unlock(&lock);
    fail("not enough");
  }
  stock -= count;
  pthread_mutex_unlock(&lock);
}

static void *customer(void *unused) {
  take(2);
  return unused;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, customer, 0) != 0) return 1;
  take(3);
  pthread_join(thread, 0);
  return stock;
}
