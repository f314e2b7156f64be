// verdict: confirmed
// shows: rarely
//
// Exchange rates behind a reader-writer lock. The daily update was pasted from the look-up and takes the lock for
// reading, so it writes next to its readers.
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <time.h>

struct rate_table {
  pthread_rwlock_t lock;
  double usd_per_eur;
};

struct teller {
  struct rate_table* table;
  double amount;
  double paid;
};

static void wait_millis(long millis) {
  struct timespec pause = {0, millis * 1000000L};
  nanosleep(&pause, NULL);
}

static double rate_get(struct rate_table* table) {
  pthread_rwlock_rdlock(&table->lock);
  double rate = table->usd_per_eur;  // expect: write-under-shared-lock rate_table::usd_per_eur
  pthread_rwlock_unlock(&table->lock);
  return rate;
}

static void rate_set(struct rate_table* table, double rate) {
  pthread_rwlock_rdlock(&table->lock);
  table->usd_per_eur = rate;  // expect: write-under-shared-lock rate_table::usd_per_eur
  pthread_rwlock_unlock(&table->lock);
}

static void* daily_update(void* argument) {
  rate_set(argument, 1.25);
  return NULL;
}

// The first customer comes some time after opening.
static void* serve_customer(void* argument) {
  struct teller* teller = argument;
  wait_millis(120);
  teller->paid = teller->amount * rate_get(teller->table);
  return NULL;
}

int main(void) {
  struct rate_table table;
  pthread_rwlock_init(&table.lock, NULL);
  table.usd_per_eur = 1.5;

  struct teller teller = {&table, 100.0, 0.0};
  pthread_t update;
  pthread_t counter;
  if (pthread_create(&update, NULL, daily_update, &table) != 0) return 1;
  if (pthread_create(&counter, NULL, serve_customer, &teller) != 0) return 1;
  pthread_join(update, NULL);
  pthread_join(counter, NULL);
  pthread_rwlock_destroy(&table.lock);

  printf("100 EUR paid out as %.2f USD\n", teller.paid);
  return teller.paid == 125.0 || teller.paid == 150.0 ? 0 : 1;  // After the update, or before.
}
