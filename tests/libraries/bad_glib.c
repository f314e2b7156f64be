// GLib: the thread still runs when main resets what it counts.
#include <glib.h>

static GMutex mutex;
static int value;

static void* count(void* unused) {
  g_mutex_lock(&mutex);
  ++value;  // allow: data-race value
  g_mutex_unlock(&mutex);
  return unused;
}

int main(void) {
  GThread* thread = g_thread_new("counter", count, 0);
  value = 0;  // expect: data-race value
  g_thread_join(thread);
  return value;
}
