// Each worker is given an element of its own; the next turn of the loop prepares the next one's.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct machine;
struct worker {
  struct machine *machine;
  pthread_mutex_t mutex;
  long done;
};
struct machine {
  int count;
  struct worker *workers;
};

static void *work(void *argument) {
  struct worker *me = argument;
  struct machine *machine = me->machine;
  pthread_mutex_lock(&me->mutex);
  me->done += machine->count;
  pthread_mutex_unlock(&me->mutex);
  return NULL;
}

static struct machine *start(int count) {
  struct machine *machine = calloc(1, sizeof *machine);
  pthread_t thread;
  if (!machine) abort();
  machine->count = count;
  machine->workers = calloc(count, sizeof *machine->workers);
  if (!machine->workers) abort();
  for (int i = 0; i < count; ++i) {
    pthread_mutex_init(&machine->workers[i].mutex, NULL);
    machine->workers[i].machine = machine;
    if (pthread_create(&thread, NULL, work, &machine->workers[i])) abort();
    pthread_detach(thread);
  }
  return machine;
}

int main(void) {
  struct machine *machine = start(3);
  pthread_mutex_lock(&machine->workers[0].mutex);
  printf("%ld\n", machine->workers[0].done);
  pthread_mutex_unlock(&machine->workers[0].mutex);
  return 0;
}
