// Neighbouring bit-fields are one memory location: to change one is to write back the other.
#include <pthread.h>

struct line_state {
  unsigned carrier : 1;
  unsigned parity : 3;
  unsigned : 0;
  unsigned errors : 8;
};

static struct line_state line;

static void *watch_carrier(void *unused) {
  line.carrier = 1;  // expect: data-race line_state::carrier
  return unused;
}

int main(void) {
  pthread_t watcher;
  if (pthread_create(&watcher, 0, watch_carrier, 0) != 0) return 1;
  line.parity = 5;  // expect: data-race line_state::carrier
  pthread_join(watcher, 0);
  return line.parity == 5 ? 0 : 1;
}
