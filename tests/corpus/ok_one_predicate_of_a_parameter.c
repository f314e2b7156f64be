/* Whoever waits looks through its parameter at the one queue that all of them share: one kind of waiter. */
#include <pthread.h>
#include <stdlib.h>

struct queue {
  pthread_mutex_t mutex;
  pthread_cond_t filled;
  int count;
};

static struct queue queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void put(struct queue *q) {
  pthread_mutex_lock(&q->mutex);
  q->count++;
  pthread_cond_signal(&q->filled);
  pthread_mutex_unlock(&q->mutex);
}

static void take(struct queue *q) {
  pthread_mutex_lock(&q->mutex);
  while (q->count == 0) pthread_cond_wait(&q->filled, &q->mutex);
  q->count--;
  pthread_mutex_unlock(&q->mutex);
}

static void *work(void *arg) {
  take(arg);
  return NULL;
}

int main(void) {
  pthread_t first, second;
  if (pthread_create(&first, NULL, work, &queue)) return EXIT_FAILURE;
  if (pthread_create(&second, NULL, work, &queue)) {
    put(&queue);
    pthread_join(first, NULL);
    return EXIT_FAILURE;
  }
  put(&queue);
  put(&queue);
  pthread_join(first, NULL);
  pthread_join(second, NULL);
  return EXIT_SUCCESS;
}
