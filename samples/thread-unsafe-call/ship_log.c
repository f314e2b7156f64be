// verdict: confirmed
// A ship's log: two watches stamp their entries. localtime gives both a pointer to the same structure.
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;
static int entries = 0;

static int stamp(time_t when, char *text, size_t size) {
  const struct tm *parts = localtime(&when);  // expect: thread-unsafe-call localtime
  return strftime(text, size, "%H:%M", parts) > 0;
}

static void *keep_watch(void *start) {
  char text[16];
  for (int hour = 0; hour < 4; ++hour) {
    const int written = stamp(*(time_t *)start + hour * 3600, text, sizeof text);
    pthread_mutex_lock(&count_lock);
    entries += written;
    pthread_mutex_unlock(&count_lock);
  }
  return NULL;
}

int main(void) {
  time_t port = 0, starboard = 4 * 3600;
  pthread_t first, second;
  pthread_create(&first, NULL, keep_watch, &port);
  pthread_create(&second, NULL, keep_watch, &starboard);
  pthread_join(first, NULL);
  pthread_join(second, NULL);
  printf("%d entries\n", entries);
  return 0;
}
