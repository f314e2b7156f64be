// A car park with one display: cars wait at the entrance for a free place, the barrier keeper waits for the last car to
// leave. Both wait for the same condition, and each car that leaves wakes them all.
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

class CarPark {
 public:
  void enter() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (cars_ >= kPlaces) changed_.wait(lock);
    ++cars_;
    ++entered_;
  }

  void leave() {
    std::lock_guard<std::mutex> lock(mutex_);
    --cars_;
    changed_.notify_all();
  }

  int close(int expected) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (cars_ > 0 || entered_ < expected) changed_.wait(lock);
    return entered_;
  }

 private:
  static constexpr int kPlaces = 1;
  std::mutex mutex_;
  std::condition_variable changed_;
  int cars_ = 0;
  int entered_ = 0;
};

int main() {
  CarPark park;
  std::vector<std::thread> cars;
  for (int i = 0; i < 2; ++i) {
    cars.emplace_back([&park] {
      park.enter();
      park.leave();
    });
  }
  const int entered = park.close(2);
  for (std::thread& car : cars) car.join();
  std::printf("closed after %d cars\n", entered);
  return 0;
}
