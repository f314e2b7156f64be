// `break` out of the loop skips the unlock at its end.
#include <mutex>
#include <thread>
#include <vector>

std::mutex g_mu;
std::vector<int> g_jobs = {1, 2, 3};

int drain() {
  int sum = 0;
  for (;;) {
    g_mu.lock();  // expect: lock-leak g_mu
    if (g_jobs.empty()) break;
    sum += g_jobs.back();
    g_jobs.pop_back();
    g_mu.unlock();
  }
  return sum;
}

int main() {
  std::thread worker([] { drain(); });
  worker.join();
  return 0;
}
