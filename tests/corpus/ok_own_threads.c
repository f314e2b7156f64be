// A small thread library of its own: a function and an argument in a capsule, handles in a list, joined by hand.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *(*allocate)(size_t) = malloc;

struct thread {
  pthread_t id;
  int done;
  struct thread *next;
};

static struct thread *threads;
static pthread_mutex_t listLock = PTHREAD_MUTEX_INITIALIZER;

struct capsule {
  void (*job)(void *);
  void *payload;
};

static void *enough(size_t size) {
  void *block = allocate(size);
  if (block == NULL) abort();
  return block;
}

static void *ignite(void *argument) {
  struct capsule *capsule = argument;
  capsule->job(capsule->payload);
  free(capsule);
  return NULL;
}

static struct thread *launch(void (*job)(void *), void *payload) {
  struct capsule *capsule = enough(sizeof *capsule);
  struct thread *thread;
  capsule->job = job;
  capsule->payload = payload;
  pthread_mutex_lock(&listLock);
  thread = enough(sizeof *thread);
  if (pthread_create(&thread->id, NULL, ignite, capsule)) abort();
  thread->done = 0;
  thread->next = threads;
  threads = thread;
  pthread_mutex_unlock(&listLock);
  return thread;
}

static void finish(struct thread *mine) {
  struct thread **prior;
  pthread_join(mine->id, NULL);
  pthread_mutex_lock(&listLock);
  for (prior = &threads; *prior != mine; prior = &(*prior)->next) {
  }
  *prior = mine->next;
  pthread_mutex_unlock(&listLock);
  free(mine);
}

static struct {
  int failed;
  const char *name;
  struct thread *writer;
} state;
static struct thread *writer;

static void complain(const char *text) {
  state.failed = 1;
  fprintf(stderr, "%s: %s\n", state.name, text);
}

static void writeAll(void *unused) {
  (void)unused;
  if (puts(state.name) < 0) complain("cannot write");
}

static void process(const char *name) {
  state.name = name;
  writer = launch(writeAll, NULL);
  finish(writer);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) process(argv[i]);
  return state.failed;
}
