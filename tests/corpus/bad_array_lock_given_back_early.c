// retire() gives the queue's lock back, but one of its callers has not taken it yet.
#include <pthread.h>

#define QUEUES 8

static pthread_mutex_t queue_lock[QUEUES];
static int pending[QUEUES];
static int broken;

static void retire(int which) {
  pending[which] = 0;
  pthread_mutex_unlock(&queue_lock[which]);  // expect: bad-unlock queue_lock
}

static void *drain(void *unused) {
  (void)unused;
  for (int i = 0; i < QUEUES; i++) {
    if (broken) {
      retire(i);
      continue;
    }
    pthread_mutex_lock(&queue_lock[i]);
    if (pending[i] == 1) {
      retire(i);
      continue;
    }
    pending[i]--;
    pthread_mutex_unlock(&queue_lock[i]);
  }
  return 0;
}

int main(void) {
  pthread_t worker;
  for (int i = 0; i < QUEUES; i++) pthread_mutex_init(&queue_lock[i], 0);
  if (pthread_create(&worker, 0, drain, 0) != 0) return 1;
  pthread_join(worker, 0);
  return 0;
}
