// A recorder tells its thread to stop under the lock, gives the lock back, and then waits for the thread.
#include <cstdio>
#include <mutex>
#include <thread>

class Recorder {
 public:
  void start() {
    std::lock_guard<std::mutex> lock(mu_);
    worker_ = std::thread([this] { record(); });
  }

  void stop() {
    {
      std::lock_guard<std::mutex> lock(mu_);
      stopping_ = true;
    }
    worker_.join();
  }

  long samples() {
    std::lock_guard<std::mutex> lock(mu_);
    return samples_;
  }

 private:
  void record() {
    for (;;) {
      std::lock_guard<std::mutex> lock(mu_);
      if (stopping_) return;
      ++samples_;
    }
  }

  std::mutex mu_;
  std::thread worker_;
  bool stopping_ = false;
  long samples_ = 0;
};

int main() {
  Recorder recorder;
  recorder.start();
  recorder.stop();
  std::printf("%ld samples\n", recorder.samples() >= 0 ? 1L : 0L);
  return 0;
}
