// If the lock cannot be had the function says so and goes on, as many do: it still takes it itself.
#include <pthread.h>
#include <stdio.h>

struct printer {
  pthread_mutex_t lock;
  int lines;
};

int print_line(struct printer* printer, const char* text) {
  if (pthread_mutex_lock(&printer->lock) != 0) {
    perror("lock");
  }
  int line = ++printer->lines;
  puts(text);
  if (pthread_mutex_unlock(&printer->lock) != 0) {
    perror("unlock");
  }
  return line;
}

static void* work(void* arg) {
  print_line(arg, "work");
  return NULL;
}

int main(void) {
  struct printer printer = {PTHREAD_MUTEX_INITIALIZER, 0};
  pthread_t thread;
  pthread_create(&thread, NULL, work, &printer);
  print_line(&printer, "main");
  pthread_join(thread, NULL);
  return 0;
}
