// TBB: a parallel loop adds to a shared sum.
#include <tbb/tbb.h>

int main() {
  int sum = 0;
  tbb::parallel_for(0, 100, [&](int i) { sum += i; });  // expect: data-race sum
  return sum;
}
