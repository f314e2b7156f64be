// realloc gives the old memory back while another thread reads it.
#include <pthread.h>
#include <stdlib.h>

static void *grow(void *argument) {
  int *values = argument;
  values = realloc(values, 64 * sizeof(int));  // expect: data-race new
  return values;
}

int main(void) {
  int *values = malloc(4 * sizeof(int));
  pthread_t thread;
  if (!values) return 1;
  if (pthread_create(&thread, 0, grow, values) != 0) return 1;
  values[0] = 7;  // expect: data-race new
  pthread_join(thread, 0);
  return 0;
}
