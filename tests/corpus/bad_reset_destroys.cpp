// The worker's flag is set by a destructor that runs in reset(), far from the end of any scope.
#include <chrono>
#include <memory>
#include <thread>

class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}

  ~Worker() {
    stop_ = true;  // expect: plain-flag-sync Worker::stop_
    thread_.join();
  }

 private:
  void run() {
    while (!stop_) {  // expect: plain-flag-sync Worker::stop_
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  bool stop_ = false;
  std::thread thread_;
};

int main() {
  auto worker = std::make_unique<Worker>();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  worker.reset();
  return 0;
}
