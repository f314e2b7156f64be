// TBB: the sum is guarded inside the loop, and read after it.
#include <tbb/tbb.h>

tbb::spin_mutex mu;

int main() {
  int sum = 0;
  int other = 0;
  tbb::parallel_for(0, 100, [&](int i) {
    tbb::spin_mutex::scoped_lock lock(mu);
    sum += i;
  });
  tbb::task_group group;
  group.run([&] { other = 1; });
  group.wait();
  return sum + other;
}
