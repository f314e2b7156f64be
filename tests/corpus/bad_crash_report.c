// A crash is reported with what comes handy, in many places, and the program ends: one mistake, and no great one.
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *g_doing = "starting";
static unsigned g_steps;

static void tell(const char *what, const char *value) { fprintf(stderr, "%s: %s\n", what, value); }

static void on_crash(int number) {
  char *text = malloc(64);  // expect: signal-unsafe on_crash
  snprintf(text, 64, "%d after %u steps", number, g_steps);
  tell("crashed", text);
  tell("while", g_doing);
  fflush(stderr);
  free(text);
  signal(number, SIG_DFL);
  raise(number);
}

static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  sigemptyset(&action.sa_mask);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
  action.sa_handler = on_crash;
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}

int main(int count, char **names) {
  install();
  signal(SIGABRT, on_crash);
  for (g_steps = 0; g_steps < 10; ++g_steps) g_doing = names[count - 1];
  return 0;
}
