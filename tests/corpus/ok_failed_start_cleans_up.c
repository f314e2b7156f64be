// Where the wrapper says that the thread could not be started, what it would have used is destroyed.
#include <pthread.h>
#include <stdlib.h>

struct worker {
  pthread_mutex_t lock;
  pthread_t thread;
  int turns;
};

static void *run(void *argument) {
  struct worker *worker = argument;
  pthread_mutex_lock(&worker->lock);
  worker->turns++;
  pthread_mutex_unlock(&worker->lock);
  return 0;
}

static int start(pthread_t *thread, void *(*entry)(void *), void *argument) {
  const int failed = pthread_create(thread, 0, entry, argument);
  return failed != 0 ? -1 : 0;
}

static int make_worker(struct worker *worker) {
  int result;
  pthread_mutex_init(&worker->lock, 0);
  worker->turns = 0;
  if ((result = start(&worker->thread, run, worker)) != 0) {
    pthread_mutex_destroy(&worker->lock);
    return result;
  }
  return 0;
}

int main(void) {
  struct worker *worker = malloc(sizeof *worker);
  if (worker == 0) return 1;
  if (make_worker(worker) != 0) return 1;
  pthread_join(worker->thread, 0);
  pthread_mutex_destroy(&worker->lock);
  free(worker);
  return 0;
}
