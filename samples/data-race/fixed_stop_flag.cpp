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

  int readings() const { return readings_.load(); }

 private:
  void poll() {
    while (!stop_.load()) {
      readings_.fetch_add(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<int> readings_{0};
  std::thread thread_;
};

int main() {
  int readings = 0;
  {
    auto poller = std::make_unique<SensorPoller>();
    for (int wait = 0; wait < 50 && readings < 5; ++wait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      readings = poller->readings();
    }
  }
  std::printf(readings >= 5 ? "sensor answered\n" : "sensor is silent\n");
  return readings >= 5 ? 0 : 1;
}
