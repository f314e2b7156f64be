// expect: data-race g_result
// The byte is sent before the result is there.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int g_pipe[2];
static int g_result;

static void* compute(void* arg) {
  if (write(g_pipe[1], "!", 1) != 1) perror("write");
  g_result = 42;
  return arg;
}

int main(void) {
  pthread_t thread;
  char byte;
  if (pipe(g_pipe) != 0) return 1;
  pthread_create(&thread, NULL, compute, NULL);
  while (read(g_pipe[0], &byte, 1) != 1) {
  }
  printf("%d\n", g_result);
  pthread_join(thread, NULL);
  return 0;
}
