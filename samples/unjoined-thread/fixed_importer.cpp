// An importer shows its progress from a second thread, which is started when there is something to do and joined by
// its own object.
#include <atomic>
#include <cstdio>
#include <numeric>
#include <thread>
#include <vector>

std::atomic<bool> g_done = false;
std::atomic<int> g_dots = 0;

void showProgress() {
  while (!g_done) {
    ++g_dots;
    std::this_thread::yield();
  }
}

int importNumbers(const std::vector<int>& numbers) {
  if (numbers.empty()) return 0;
  std::jthread progress(showProgress);
  const int sum = std::accumulate(numbers.begin(), numbers.end(), 0);
  g_done = true;
  return sum;
}

int main() {
  const int sum = importNumbers({1, 2, 3, 4}) + importNumbers({});
  std::printf("imported, sum %d\n", sum);
  return sum == 10 ? 0 : 1;
}
