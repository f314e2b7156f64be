// One thread at a time uses the hidden state: main before and after the worker.
#include <pthread.h>
#include <string.h>

static int words(char *text) {
  int count = 0;
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) ++count;
  return count;
}

static void *work(void *text) {
  words(text);
  return NULL;
}

int main(void) {
  char first[] = "a b", second[] = "c d";
  const int before = words(first);
  pthread_t worker;
  pthread_create(&worker, NULL, work, second);
  pthread_join(worker, NULL);
  return before + words(first) > 0 ? 0 : 1;
}
