// expect: data-race g_total
// Each function has a lock of its own, made at start and reached through a variable: they do not keep each other out.
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t* g_reading;
static pthread_mutex_t* g_writing;
static int g_total;

static void* writer(void* arg) {
  pthread_mutex_lock(g_writing);
  ++g_total;
  pthread_mutex_unlock(g_writing);
  return arg;
}

static void* reader(void* arg) {
  pthread_mutex_lock(g_reading);
  *(int*)arg = g_total;
  pthread_mutex_unlock(g_reading);
  return NULL;
}

int main(void) {
  int seen = 0;
  pthread_t a, b;
  g_reading = malloc(sizeof *g_reading);
  g_writing = malloc(sizeof *g_writing);
  pthread_mutex_init(g_reading, NULL);
  pthread_mutex_init(g_writing, NULL);
  pthread_create(&a, NULL, writer, NULL);
  pthread_create(&b, NULL, reader, &seen);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  free(g_reading);
  free(g_writing);
  return seen;
}
