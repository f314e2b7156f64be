// A walker takes the lock of each shelf in turn; a helper gives it back when there is nothing to do. Where the client
// has left, the helper is called before the lock was taken.
#include <pthread.h>
#include <stdbool.h>

enum { kShelves = 8 };

struct task {
  bool wants_lock;
  int (*look)(int shelf);
};

static pthread_mutex_t locks[kShelves];
static pthread_mutex_t walker = PTHREAD_MUTEX_INITIALIZER;
static int busy[kShelves];
static struct task current;
static int client;

static int tries;

static void retry(void) {
  if (++tries > 3) current.wants_lock = false;
}

static void give_up(int i) {
  busy[i] = 0;
  pthread_mutex_unlock(&locks[i]);  // expect: bad-unlock locks
}

static void* walk(void* unused) {
  pthread_mutex_lock(&walker);
  for (int i = 0; i < kShelves; ++i) {
    if (client < 0) {
      give_up(i);
      continue;
    }
    pthread_mutex_lock(&locks[i]);
    if (busy[i] == 0) {
      give_up(i);
      continue;
    }
    if (!current.wants_lock) pthread_mutex_unlock(&locks[i]);
    current.look(i);
    retry();
    if (current.wants_lock) pthread_mutex_unlock(&locks[i]);
  }
  pthread_mutex_unlock(&walker);
  return unused;
}

int main(void) {
  for (int i = 0; i < kShelves; ++i) pthread_mutex_init(&locks[i], NULL);
  pthread_t thread;
  pthread_create(&thread, NULL, walk, NULL);
  pthread_join(thread, NULL);
  return 0;
}
