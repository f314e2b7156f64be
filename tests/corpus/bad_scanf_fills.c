// What scanf fills in is written.
#include <pthread.h>
#include <stdio.h>

static int limit;

static void *ask(void *unused) {
  if (scanf("%d", &limit) != 1) return 0;  // expect: data-race limit
  return unused;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, ask, 0) != 0) return 1;
  const int before = limit;  // expect: data-race limit
  pthread_join(thread, 0);
  return before;
}
