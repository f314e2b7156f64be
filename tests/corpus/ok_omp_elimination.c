// flags: -fopenmp
//
// Gauss elimination: the rows below the pivot are shared out, the pivot's own is only read; a barrier ends each step.
#include <stdio.h>

enum { kSize = 48 };
static double matrix[kSize][kSize];

int main(void) {
  for (int i = 0; i < kSize; i++)
    for (int j = 0; j < kSize; j++) matrix[i][j] = i == j ? kSize : 1;
#pragma omp parallel
  for (int pivot = 0; pivot < kSize - 1; pivot++) {
#pragma omp for
    for (int i = pivot + 1; i < kSize; i++) {
      const double factor = matrix[i][pivot] / matrix[pivot][pivot];
      for (int j = pivot; j < kSize; j++) matrix[i][j] -= factor * matrix[pivot][j];
    }
  }
  printf("%f\n", matrix[kSize - 1][kSize - 1]);
  return 0;
}
