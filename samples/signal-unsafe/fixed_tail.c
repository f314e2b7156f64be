// A program that follows a log until it is told to stop. The handler sets a flag that is made for it and writes with a
// function that is safe.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t stopped = 0;
static int lines = 0;

static void on_interrupt(int number) {
  (void)number;
  const char text[] = "stopping\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) return;
  stopped = 1;
}

static void follow(void) {
  while (!stopped) {
    ++lines;
    if (lines == 3) raise(SIGINT);
  }
}

int main(void) {
  signal(SIGINT, on_interrupt);
  follow();
  printf("%d lines seen\n", lines);
  return 0;
}
