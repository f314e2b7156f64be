// verdict: confirmed
// shows: rarely
//
// A car park: a car that finds no room is sent away by code that already gave the lock back, and the common way out
// gives it back once more. If another car has just taken the lock, it loses it to this one.
#include <pthread.h>
#include <stdio.h>

struct car_park {
  pthread_mutex_t lock;
  int free_places;
  int sent_away;
};

static struct car_park park = {PTHREAD_MUTEX_INITIALIZER, 19, 0};

static int drive_in(struct car_park *p, int places) {
  int ok = 1;
  pthread_mutex_lock(&p->lock);
  if (p->free_places < places) {
    p->sent_away++;
    pthread_mutex_unlock(&p->lock);
    ok = 0;
    goto out;
  }
  p->free_places -= places;
out:
  pthread_mutex_unlock(&p->lock);  // expect: bad-unlock car_park::lock
  return ok;
}

static void *cars(void *unused) {
  (void)unused;
  for (int i = 0; i < 10; i++) drive_in(&park, 1);
  return NULL;
}

int main(void) {
  pthread_t gates[2];
  for (int i = 0; i < 2; i++) pthread_create(&gates[i], NULL, cars, NULL);
  for (int i = 0; i < 2; i++) pthread_join(gates[i], NULL);
  printf("%d places left, %d cars sent away\n", park.free_places, park.sent_away);
  return 0;
}
