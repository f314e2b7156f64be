// flags: -fopenmp
//
// Each turn of a shared loop smooths with the element that the next turn overwrites.
#include <stdio.h>

static double heat[256];

static double mean(const double *cells, int at) { return 0.5 * (cells[at] + cells[at + 1]); }

int main(void) {
  for (int i = 0; i < 256; i++) heat[i] = i % 7;
#pragma omp parallel for
  for (int i = 0; i < 255; i++) heat[i] = mean(heat, i);  // expect: data-race heat
  printf("%f\n", heat[3]);
  return 0;
}
