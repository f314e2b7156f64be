// What was written before a byte went into the pipe is seen by who has read the byte.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int g_pipe[2];
static int g_result;

static void* compute(void* arg) {
  g_result = 42;
  if (write(g_pipe[1], "!", 1) != 1) perror("write");
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
