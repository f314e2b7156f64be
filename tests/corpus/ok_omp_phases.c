// flags: -fopenmp
//
// Two buffers change places after each step; barriers in a helper keep the steps apart; one thread keeps the log.
#include <stdio.h>

static double first[128], second[128];
static int steps;

static void advance(const double *from, double *to) {
#pragma omp for
  for (int i = 1; i < 127; i++) to[i] = 0.5 * (from[i - 1] + from[i + 1]);
}

int main(void) {
  double *now = first, *next = second;
  first[0] = second[0] = 1;
#pragma omp parallel
  for (int step = 0; step < 10; step++) {
    advance(now, next);
#pragma omp single
    {
      steps++;
      double *swap = now;
      now = next;
      next = swap;
    }
  }
  printf("%d %f\n", steps, now[1]);
  return 0;
}
