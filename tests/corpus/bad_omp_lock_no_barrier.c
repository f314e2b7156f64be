// The one that should wait may take the lock first: nothing makes the other take it before they meet.
// flags: -fopenmp
#include <omp.h>
#include <stdio.h>

static omp_lock_t ready;
static int value;

int main(void) {
  omp_init_lock(&ready);
#pragma omp parallel num_threads(2)
  {
    const int me = omp_get_thread_num();
#pragma omp barrier
    if (me == 0) {
      omp_set_lock(&ready);
      value = 7;  // expect: data-race value
      omp_unset_lock(&ready);
    } else if (me == 1) {
      omp_set_lock(&ready);
      omp_unset_lock(&ready);
      value += 1;
    }
  }
  omp_destroy_lock(&ready);
  printf("%d\n", value);
  return 0;
}
