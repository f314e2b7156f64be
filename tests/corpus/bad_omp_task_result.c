// flags: -fopenmp
//
// The sum is read before the tasks that make its parts are waited for.
#include <stdio.h>

static int work(int from, int to) {
  int sum = 0;
  while (from < to) sum += from++;
  return sum;
}

static int total(int n) {
  int left, right;
#pragma omp task shared(left)
  left = work(0, n / 2);
#pragma omp task shared(right)
  right = work(n / 2, n);
  const int sum = left + right;  // expect: data-race left
#pragma omp taskwait
  return sum;
}

int main(void) {
  int result = 0;
#pragma omp parallel
#pragma omp single
  result = total(1000);
  printf("%d\n", result);
  return 0;
}
