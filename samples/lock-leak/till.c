// verdict: confirmed
// shows: rarely
//
// A cash desk that counts sales under a lock. A sale with a price that cannot be right is refused, and the refusal
// leaves by a return of its own, with the till locked: the next customer waits for good.
#include <pthread.h>
#include <stdio.h>

struct till {
  pthread_mutex_t lock;
  long cents;
  int sales;
};

static struct till till = {PTHREAD_MUTEX_INITIALIZER, 0, 0};

static int sell(struct till *t, long price) {
  pthread_mutex_lock(&t->lock);  // expect: lock-leak till::lock
  if (price <= 0) return -1;
  t->cents += price;
  t->sales++;
  pthread_mutex_unlock(&t->lock);
  return 0;
}

static void *customer(void *purse) {
  const long *price = purse;
  for (int i = 0; i < 3; i++) sell(&till, *price);
  return NULL;
}

int main(void) {
  pthread_t customers[2];
  long prices[2] = {250, 399};
  for (int i = 0; i < 2; i++) pthread_create(&customers[i], NULL, customer, &prices[i]);
  for (int i = 0; i < 2; i++) pthread_join(customers[i], NULL);
  sell(&till, 0);  // a voucher that was worth nothing, after closing time
  printf("%d sales, %ld cents\n", till.sales, till.cents);
  return 0;
}
