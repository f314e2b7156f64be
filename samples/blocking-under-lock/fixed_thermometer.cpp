// A thermometer that takes its lock only to store a value, and waits between two measurements without it.
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

class Thermometer {
 public:
  void measure(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      {
        std::lock_guard<std::mutex> lock(mu_);
        celsius_ = 20 + i;
      }
      settle();
    }
  }

  int celsius() {
    std::lock_guard<std::mutex> lock(mu_);
    return celsius_;
  }

 private:
  static void settle() {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

  std::mutex mu_;
  int celsius_ = 0;
};

int main() {
  Thermometer thermometer;
  std::thread sensor([&thermometer] { thermometer.measure(3); });
  const int early = thermometer.celsius();
  sensor.join();
  std::printf("%d degrees, then %d\n", early, thermometer.celsius());
  return 0;
}
