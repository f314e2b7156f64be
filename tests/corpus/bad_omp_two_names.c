// flags: -fopenmp
//
// Two critical regions of different names guard one queue length.
#include <stdio.h>

int main(void) {
  int length = 0;
#pragma omp parallel sections
  {
#pragma omp section
    for (int i = 0; i < 100; i++) {
#pragma omp critical(push)
      length++;  // expect: data-race length
    }
#pragma omp section
    for (int i = 0; i < 100; i++) {
#pragma omp critical(pop)
      length--;
    }
  }
  printf("%d\n", length);
  return 0;
}
