// A condition keeps a pointer to the lock that its waits give back.
#include <pthread.h>

struct signal {
  pthread_cond_t condition;
  pthread_mutex_t *lock;
};

static void make_signal(struct signal *signal, pthread_mutex_t *lock) {
  pthread_cond_init(&signal->condition, 0);
  signal->lock = lock;
}

static void await(struct signal *signal) { pthread_cond_wait(&signal->condition, signal->lock); }

struct job {
  pthread_mutex_t lock;
  struct signal done;
  int finished;
};

struct queue {
  pthread_mutex_t lock;
  struct signal filled;
  int waiting;
};

static void *work(void *argument) {
  struct job *job = argument;
  pthread_mutex_lock(&job->lock);
  job->finished = 1;
  pthread_cond_signal(&job->done.condition);
  pthread_mutex_unlock(&job->lock);
  return 0;
}

static void *feed(void *argument) {
  struct queue *queue = argument;
  pthread_mutex_lock(&queue->lock);
  queue->waiting = 1;
  pthread_cond_signal(&queue->filled.condition);
  pthread_mutex_unlock(&queue->lock);
  return 0;
}

int main(void) {
  struct job job;
  struct queue queue;
  pthread_t worker, feeder;
  pthread_mutex_init(&job.lock, 0);
  pthread_mutex_init(&queue.lock, 0);
  make_signal(&job.done, &job.lock);
  make_signal(&queue.filled, &queue.lock);
  job.finished = queue.waiting = 0;
  if (pthread_create(&worker, 0, work, &job) != 0) return 1;
  if (pthread_create(&feeder, 0, feed, &queue) != 0) return 1;
  pthread_mutex_lock(&job.lock);
  while (!job.finished) await(&job.done);
  pthread_mutex_unlock(&job.lock);
  pthread_mutex_lock(&queue.lock);
  while (!queue.waiting) await(&queue.filled);
  pthread_mutex_unlock(&queue.lock);
  pthread_join(worker, 0);
  pthread_join(feeder, 0);
  return 0;
}
