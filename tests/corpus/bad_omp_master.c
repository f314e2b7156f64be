// flags: -fopenmp
//
// A master construct has no barrier at its end, a single construct would have.
#include <stdio.h>

int main(void) {
  int limit = 0, seen = 0;
#pragma omp parallel
  {
#pragma omp master
    limit = 10;  // expect: data-race limit
#pragma omp atomic
    seen += limit;
  }
  printf("%d %d\n", limit, seen);
  return 0;
}
