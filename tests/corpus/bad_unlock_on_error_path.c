// The error branch gives back a lock that only start_scan() takes, and that nobody holds when it fails.
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t scan_lock = PTHREAD_MUTEX_INITIALIZER;
static int scanning;

static int start_scan(int from) {
  pthread_mutex_lock(&scan_lock);
  const int fresh = !scanning;
  if (fresh) scanning = from;
  pthread_mutex_unlock(&scan_lock);
  return fresh;
}

static int scan(const char *text) {
  const int from = atoi(text);
  if (from <= 0) {
    pthread_mutex_unlock(&scan_lock);  // expect: bad-unlock scan_lock
    return -1;
  }
  return start_scan(from);
}

static void *serve(void *text) {
  scan(text);
  return 0;
}

int main(int argc, char **argv) {
  pthread_t server;
  if (argc < 2 || pthread_create(&server, 0, serve, argv[1]) != 0) return 1;
  scan("1");
  pthread_join(server, 0);
  return 0;
}
