// flags: -std=c++14
// Before C++17 a future that a function returns is copied, in name: the copy is left out, and nothing ends twice.
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>

std::mutex g_mu;
int g_calls = 0;

int measure() {
  auto lock = std::unique_lock<std::mutex>(g_mu);
  return ++g_calls;
}

int main() {
  std::promise<int> promise;
  auto thread = std::thread([&promise] { promise.set_value(measure()); });
  auto future = promise.get_future();
  const int value = future.get();
  measure();
  thread.join();
  std::printf("%d\n", value);
}
