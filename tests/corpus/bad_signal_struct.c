// The handler is named in a structure, and what it must not do is two calls away.
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdlib.h>

static char *g_note;

static char *copy(size_t size) { return malloc(size); }
static void note(void) { g_note = copy(16); }  // expect: signal-unsafe g_note

static void on_alarm(int number) {
  (void)number;
  note();  // expect: signal-unsafe on_alarm
}

int main(void) {
  struct sigaction action = {.sa_handler = on_alarm};
  sigemptyset(&action.sa_mask);
  sigaction(SIGALRM, &action, NULL);
  return g_note != NULL;
}
