// flags: -fopenmp
//
// Tasks in the order of their dependences, a recursive sum that waits, and a loop of tasks that end with their group.
#include <cstdio>

static int sum(const int* from, int count) {
  if (count < 16) {
    int all = 0;
    for (int i = 0; i < count; ++i) all += from[i];
    return all;
  }
  int left = 0, right = 0;
#pragma omp task shared(left)
  left = sum(from, count / 2);
#pragma omp task shared(right)
  right = sum(from + count / 2, count - count / 2);
#pragma omp taskwait
  return left + right;
}

int main() {
  static int values[128];
  int total = 0, doubled = 0;
#pragma omp parallel
#pragma omp single
  {
#pragma omp taskloop
    for (int i = 0; i < 128; ++i) values[i] = i;
#pragma omp task depend(out : total) shared(total)
    total = sum(values, 128);
#pragma omp task depend(in : total) depend(out : doubled) shared(total, doubled)
    doubled = 2 * total;
  }
  std::printf("%d %d\n", total, doubled);
}
