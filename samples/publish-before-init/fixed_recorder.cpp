// A recorder's thread is a std::jthread, declared last: it is destroyed, and waited for, before what the thread uses.
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

/// Tells its total when it goes.
class Total {
 public:
  ~Total() { count_ = 0; }
  void add(int n) { count_ += n; }
 private:
  int count_ = 0;
};

class Recorder {
 public:
  void start() {
    worker_ = std::jthread([this](std::stop_token stop) { run(stop); });
  }

 private:
  void run(std::stop_token stop) {
    while (!stop.stop_requested()) {
      total_.add(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  Total total_;
  std::jthread worker_;
};

int main() {
  auto recorder = std::make_unique<Recorder>();
  recorder->start();
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  recorder.reset();
  std::printf("recorded\n");
  return 0;
}
