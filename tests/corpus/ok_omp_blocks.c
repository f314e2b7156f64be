// flags: -fopenmp
//
// Rows of a matrix in one dimension, a block of elements for each thread, and a slot for each thread's sum.
#include <stdio.h>
#include <stdlib.h>

int omp_get_thread_num(void);
int omp_get_num_threads(void);

static void fill(double *cells, int rows, int columns) {
#pragma omp parallel for
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) cells[i * columns + j] = i + j;
}

int main(void) {
  const int rows = 40, columns = 50, chunk = 125;
  double *cells = malloc(sizeof(double) * 2000), sums[64] = {0}, total = 0;
  fill(cells, rows, columns);
#pragma omp parallel num_threads(16)
  {
    const int thread = omp_get_thread_num();
    for (int i = thread * chunk; i < (thread + 1) * chunk; i++) {
      cells[i] *= 2;
      sums[thread] += cells[i];
    }
#pragma omp barrier
#pragma omp for reduction(+ : total)
    for (int t = 0; t < 16; t++) total += sums[t];
  }
  printf("%f\n", total);
  free(cells);
  return 0;
}
