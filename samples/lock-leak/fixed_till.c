// A cash desk that counts sales under a lock; a sale with a price that cannot be right is refused before the lock is
// taken, so that every way out of the locked part gives it back.
#include <pthread.h>
#include <stdio.h>

struct till {
  pthread_mutex_t lock;
  long cents;
  int sales;
};

static struct till till = {PTHREAD_MUTEX_INITIALIZER, 0, 0};

static int sell(struct till *t, long price) {
  if (price <= 0) return -1;
  pthread_mutex_lock(&t->lock);
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
