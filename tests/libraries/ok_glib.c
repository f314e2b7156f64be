// GLib: a mutex, a condition in a loop, a thread that is joined.
#include <glib.h>

static GMutex mutex;
static GCond ready;
static int value, full;

static void* produce(void* unused) {
  g_mutex_lock(&mutex);
  value = 1;
  full = 1;
  g_cond_signal(&ready);
  g_mutex_unlock(&mutex);
  return unused;
}

int main(void) {
  GThread* thread = g_thread_new("producer", produce, 0);
  g_mutex_lock(&mutex);
  while (!full) g_cond_wait(&ready, &mutex);
  const int seen = value;
  g_mutex_unlock(&mutex);
  g_thread_join(thread);
  value = 0;
  return seen;
}
