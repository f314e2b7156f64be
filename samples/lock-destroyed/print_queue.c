// verdict: confirmed
// shows: rarely
//
// A print queue that is closed with its lock held: the lock is destroyed before it is given back, and then given back.
#include <pthread.h>
#include <stdio.h>

struct queue {
  pthread_mutex_t lock;
  int waiting;
  int printed;
};

static void open_queue(struct queue *q) {
  pthread_mutex_init(&q->lock, NULL);
  q->waiting = 0;
  q->printed = 0;
}

static void print_all(struct queue *q) {
  pthread_mutex_lock(&q->lock);
  q->printed += q->waiting;
  q->waiting = 0;
  pthread_mutex_unlock(&q->lock);
}

static void close_queue(struct queue *q) {
  pthread_mutex_lock(&q->lock);
  if (q->waiting > 0) {
    printf("%d jobs lost\n", q->waiting);
    pthread_mutex_destroy(&q->lock);  // expect: lock-destroyed queue::lock
    return;
  }
  pthread_mutex_unlock(&q->lock);
  pthread_mutex_destroy(&q->lock);
}

static void *printer(void *queue) {
  print_all(queue);
  return NULL;
}

int main(void) {
  struct queue queue;
  pthread_t thread;
  open_queue(&queue);
  queue.waiting = 3;
  pthread_create(&thread, NULL, printer, &queue);
  pthread_join(thread, NULL);
  queue.waiting = 1;
  close_queue(&queue);
  printf("%d jobs printed\n", queue.printed);
  return 0;
}
