// verdict: confirmed
// shows: rarely
//
// A recorder's thread is a std::jthread, which waits for the thread when it is destroyed. But it is declared first, so
// it is destroyed last: the total is reset by the destructor of its owner's other member while the thread still counts.
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

/// Tells its total when it goes.
class Total {
 public:
  ~Total() { count_ = 0; }  // expect: publish-before-init Total::count_
  void add(int n) { count_ += n; }  // expect: publish-before-init Total::count_
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

  std::jthread worker_;
  Total total_;
};

int main() {
  auto recorder = std::make_unique<Recorder>();
  recorder->start();
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  recorder.reset();
  std::printf("recorded\n");
  return 0;
}
