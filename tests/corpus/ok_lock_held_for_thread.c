// The helper needs no lock of its own: who starts it holds the lock until it has ended.
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance;

static void *deposit(void *unused) {
  pthread_mutex_lock(&lock);
  balance += 10;
  pthread_mutex_unlock(&lock);
  return unused;
}

static void *settle(void *unused) {
  balance = 0;
  return unused;
}

int main(void) {
  pthread_t depositor, helper;
  if (pthread_create(&depositor, 0, deposit, 0) != 0) return 1;
  pthread_mutex_lock(&lock);
  if (pthread_create(&helper, 0, settle, 0) != 0) return 1;
  pthread_join(helper, 0);
  pthread_mutex_unlock(&lock);
  pthread_join(depositor, 0);
  return balance > 10 ? 1 : 0;
}
