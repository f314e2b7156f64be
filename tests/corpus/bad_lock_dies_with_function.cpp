// The thread outlives the function, and the lock does not.
#include <chrono>
#include <mutex>
#include <thread>

int g_sum = 0;

void start() {
  std::mutex mu;
  std::thread helper([&mu] {
    std::lock_guard<std::mutex> lock(mu);  // expect: lock-destroyed mu
    ++g_sum;
  });
  helper.detach();
}

int main() {
  start();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return 0;
}
