// A lock with a value: one thread fills the buffer when the value says so, the other takes it when the value says so.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct gate {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  long value;
};

enum wanted { EQUAL, DIFFERENT };

static void enter(struct gate *gate) {
  if (pthread_mutex_lock(&gate->mutex)) abort();
}

static void await(struct gate *gate, enum wanted wanted, long value) {
  switch (wanted) {
    case EQUAL:
      while (gate->value != value)
        if (pthread_cond_wait(&gate->changed, &gate->mutex)) abort();
      break;
    case DIFFERENT:
      while (gate->value == value)
        if (pthread_cond_wait(&gate->changed, &gate->mutex)) abort();
      break;
  }
}

static long look(struct gate *gate) { return gate->value; }

static void leave(struct gate *gate, long value) {
  gate->value = value;
  if (pthread_cond_broadcast(&gate->changed)) abort();
  if (pthread_mutex_unlock(&gate->mutex)) abort();
}

static struct {
  struct gate *gate;
  pthread_t reader;
  char buffer[64];
  size_t length;
  int number;
} input;

static size_t fill(char *buffer) {
  static int left = 3;
  buffer[0] = (char)left;
  return left-- > 0 ? sizeof input.buffer : 1;
}

static void *readLines(void *unused) {
  size_t length;
  (void)unused;
  do {
    enter(input.gate);
    await(input.gate, DIFFERENT, 0);
    if (look(input.gate) > 1) {
      pthread_mutex_unlock(&input.gate->mutex);
      break;
    }
    input.length = length = fill(input.buffer);
    leave(input.gate, 0);
  } while (length == sizeof input.buffer);
  return NULL;
}

static struct gate *makeGate(long value) {
  struct gate *gate = malloc(sizeof *gate);
  if (!gate) abort();
  pthread_mutex_init(&gate->mutex, NULL);
  pthread_cond_init(&gate->changed, NULL);
  gate->value = value;
  return gate;
}

static size_t load(void) {
  size_t got;
  if (input.number == 0) {
    input.gate = makeGate(1);
    if (pthread_create(&input.reader, NULL, readLines, NULL)) abort();
  }
  ++input.number;
  enter(input.gate);
  await(input.gate, EQUAL, 0);
  if (pthread_mutex_unlock(&input.gate->mutex)) abort();
  got = input.length;
  if (got == sizeof input.buffer) {
    enter(input.gate);
    leave(input.gate, 1);
  } else {
    pthread_join(input.reader, NULL);
  }
  return got;
}

int main(void) {
  size_t total = 0, got;
  do {
    got = load();
    total += got;
  } while (got == sizeof input.buffer);
  printf("%zu\n", total);
  return 0;
}
