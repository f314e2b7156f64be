// verdict: confirmed
// shows: often
//
// The stock of a warehouse. Taking more than there is orders anew, and ordering looks at the stock: through the public
// function, which takes the lock that is held.
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>

struct inventory {
  pthread_mutex_t lock;
  int stock;
  int ordered;
};

static int inventory_stock(struct inventory* inventory) {
  pthread_mutex_lock(&inventory->lock);  // expect: double-lock inventory::lock
  int stock = inventory->stock;
  pthread_mutex_unlock(&inventory->lock);
  return stock;
}

static void order_more(struct inventory* inventory, int wanted) {
  int missing = wanted - inventory_stock(inventory);
  inventory->ordered += missing;
  inventory->stock += missing;
}

static void inventory_take(struct inventory* inventory, int count) {
  pthread_mutex_lock(&inventory->lock);
  if (inventory->stock < count) order_more(inventory, count);
  inventory->stock -= count;
  pthread_mutex_unlock(&inventory->lock);
}

static void* pack_orders(void* argument) {
  static const int orders[] = {4, 3, 5};
  for (size_t i = 0; i < sizeof orders / sizeof orders[0]; ++i) inventory_take(argument, orders[i]);
  return NULL;
}

int main(void) {
  struct inventory inventory = {PTHREAD_MUTEX_INITIALIZER, 10, 0};
  pthread_t first;
  pthread_t second;
  if (pthread_create(&first, NULL, pack_orders, &inventory) != 0) return 1;
  if (pthread_create(&second, NULL, pack_orders, &inventory) != 0) return 1;
  pthread_join(first, NULL);
  pthread_join(second, NULL);

  printf("%d left, %d ordered\n", inventory_stock(&inventory), inventory.ordered);
  return inventory.ordered >= 14 ? 0 : 1;
}
