// Two threads wait for different things, but whoever signals is awake: there is only one other to wake.
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_turn = PTHREAD_COND_INITIALIZER;
static int g_white;

static void* black(void* arg) {
  pthread_mutex_lock(&g_lock);
  for (int i = 0; i < 10; ++i) {
    while (g_white) pthread_cond_wait(&g_turn, &g_lock);
    g_white = 1;
    pthread_cond_signal(&g_turn);
  }
  pthread_mutex_unlock(&g_lock);
  return arg;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, black, NULL);
  pthread_mutex_lock(&g_lock);
  for (int i = 0; i < 10; ++i) {
    while (!g_white) pthread_cond_wait(&g_turn, &g_lock);
    g_white = 0;
    pthread_cond_signal(&g_turn);
  }
  pthread_mutex_unlock(&g_lock);
  pthread_join(thread, NULL);
  puts("done");
  return 0;
}
