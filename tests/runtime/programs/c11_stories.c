/* C11 threads: a mutex, a condition, a once flag, results of threads. Correct, but for what the argument asks for. */
#include <stdio.h>
#include <string.h>
#include <threads.h>

static mtx_t a, b;
static cnd_t changed;
static once_flag flag = ONCE_FLAG_INIT;
static int made, value;

static void make(void) { made = 1; }

static int worker(void* argument) {
  call_once(&flag, make);
  mtx_lock(&a);
  value += made;
  cnd_signal(&changed);
  mtx_unlock(&a);
  return *(int*)argument;
}

/* Alive together with main, but only after main is through. */
static int inverted(void* argument) {
  (void)argument;
  mtx_lock(&a);
  while (value == 0) cnd_wait(&changed, &a);
  mtx_unlock(&a);
  mtx_lock(&b);
  mtx_lock(&a);
  mtx_unlock(&a);
  mtx_unlock(&b);
  return 0;
}

static int ordered(void) {
  int seven = 7, result = 0;
  thrd_t thread;
  thrd_create(&thread, worker, &seven);
  mtx_lock(&a);
  while (value == 0) cnd_wait(&changed, &a);
  mtx_unlock(&a);
  call_once(&flag, make);
  thrd_join(thread, &result);
  return result == 7 && value == 1 ? 0 : 1;
}

int main(int argc, char** argv) {
  mtx_init(&a, mtx_plain);
  mtx_init(&b, mtx_plain);
  cnd_init(&changed);
  if (argc > 1 && strcmp(argv[1], "inversion") == 0) {
    thrd_t thread;
    thrd_create(&thread, inverted, NULL);
    mtx_lock(&a);
    mtx_lock(&b);
    mtx_unlock(&b);
    value = 1;
    cnd_signal(&changed);
    mtx_unlock(&a);
    thrd_join(thread, NULL);
  } else if (ordered() != 0) {
    return 1;
  }
  mtx_destroy(&a);
  mtx_destroy(&b);
  cnd_destroy(&changed);
  puts("finished");
  return 0;
}
