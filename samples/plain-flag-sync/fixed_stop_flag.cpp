// A sensor is polled until somebody says stop, through an atomic flag.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

class SensorPoller {
 public:
  SensorPoller() : thread_([this] { poll(); }) {}

  ~SensorPoller() {
    stop_.store(true);
    thread_.join();
  }

  int readings() const { return readings_.load(std::memory_order_relaxed); }

 private:
  void poll() {
    while (!stop_.load()) {
      readings_.fetch_add(1, std::memory_order_relaxed);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<int> readings_{0};
  std::thread thread_;
};

int main() {
  bool answered = false;
  {
    auto poller = std::make_unique<SensorPoller>();
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    answered = poller->readings() > 0;
  }
  std::printf(answered ? "sensor answered\n" : "sensor is silent\n");
  return 0;
}
