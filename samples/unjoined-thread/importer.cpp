// verdict: confirmed
// An importer shows its progress from a second thread. A file that is empty ends the import early, and with it the
// thread object.
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
  std::thread progress(showProgress);
  if (numbers.empty()) return 0;  // expect: unjoined-thread progress
  const int sum = std::accumulate(numbers.begin(), numbers.end(), 0);
  g_done = true;
  progress.join();
  return sum;
}

int main() {
  const int sum = importNumbers({1, 2, 3, 4}) + importNumbers({});
  std::printf("imported, sum %d\n", sum);
  return sum == 10 ? 0 : 1;
}
