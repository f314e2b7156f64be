// verdict: suspected
// A program that follows a log until it is told to stop. The handler says good-bye by printf and sets a plain int.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int stopped = 0;
static int lines = 0;

static void on_interrupt(int number) {
  printf("signal %d, stopping\n", number);  // expect: signal-unsafe on_interrupt
  stopped = 1;                              // expect: signal-unsafe stopped
}

static void follow(void) {
  while (!stopped) {  // allow: signal-unsafe stopped
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
