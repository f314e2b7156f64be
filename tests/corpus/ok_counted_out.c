// Everybody has counted out under the lock before it ends; and the last two take turns, one signal at a time.
#include <pthread.h>

static pthread_mutex_t g_lock;
static pthread_cond_t g_done;
static int g_left;

static void* work(void* arg) {
  pthread_mutex_lock(&g_lock);
  if (--g_left == 0) pthread_cond_signal(&g_done);
  pthread_mutex_unlock(&g_lock);
  return arg;
}

int main(void) {
  pthread_mutex_init(&g_lock, NULL);
  pthread_cond_init(&g_done, NULL);
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_mutex_lock(&g_lock);
  for (int i = 0; i < 8; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attr, work, NULL) == 0) ++g_left;
  }
  while (g_left > 0) pthread_cond_wait(&g_done, &g_lock);
  pthread_mutex_unlock(&g_lock);
  pthread_cond_destroy(&g_done);
  pthread_mutex_destroy(&g_lock);
  return 0;
}
