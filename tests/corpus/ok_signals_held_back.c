// The handler sets plain variables, and nobody looks at them but while the signals are held back.
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int g_reload;
static sig_atomic_t g_quit;
static int g_last;

static void on_signal(int number) {
  g_last = number;
  if (number == SIGHUP) g_reload = 1;
  if (number == SIGTERM) g_quit = 1;
}

static void hold_back(sigset_t *before) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, before);
}

static void serve(const sigset_t *open) {
  while (!g_quit) {
    sigsuspend(open);
    if (g_reload) g_reload = 0;
  }
}

int main(void) {
  sigset_t before;
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_signal;
  sigfillset(&action.sa_mask);
  hold_back(&before);
  sigaction(SIGHUP, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  serve(&before);
  return g_last == SIGTERM ? 0 : 1;
}
