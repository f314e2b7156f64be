// A nameless bit-field of width 0 starts a new memory location, as does any member that is no bit-field.
#include <pthread.h>

struct line_state {
  unsigned carrier : 1;
  unsigned : 0;
  unsigned parity : 3;
  char name;
  unsigned speed : 4;
};

static struct line_state line;

static void *watch_carrier(void *unused) {
  line.carrier = 1;
  return unused;
}

static void *set_speed(void *unused) {
  line.speed = 9;
  return unused;
}

int main(void) {
  pthread_t watcher, setter;
  if (pthread_create(&watcher, 0, watch_carrier, 0) != 0) return 1;
  if (pthread_create(&setter, 0, set_speed, 0) != 0) return 1;
  line.parity = 5;
  line.name = 'a';
  pthread_join(watcher, 0);
  pthread_join(setter, 0);
  return line.parity == 5 ? 0 : 1;
}
