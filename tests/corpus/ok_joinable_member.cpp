// The destructor joins a thread that may never have been started; a moved thread is its new owner's to join.
#include <atomic>
#include <thread>
#include <utility>

class Poller {
 public:
  void start() { thread_ = std::thread([this] { while (!stop_) std::this_thread::yield(); }); }
  ~Poller() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

void finish(std::thread worker) { worker.join(); }

int main() {
  Poller idle, busy;
  busy.start();
  std::thread worker([] {});
  finish(std::move(worker));
  return 0;
}
