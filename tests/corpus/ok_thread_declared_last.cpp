// The thread is the last member: it starts when all is there, and is joined while all is still there.
#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>

class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  ~Worker() {
    {
      std::lock_guard<std::mutex> lock(mu_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  void post(int job) {
    {
      std::lock_guard<std::mutex> lock(mu_);
      jobs_.push(job);
    }
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock<std::mutex> lock(mu_);
    for (;;) {
      wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
      if (stop_) return;
      jobs_.pop();
    }
  }

  std::mutex mu_;
  std::condition_variable wake_;
  std::queue<int> jobs_;
  bool stop_ = false;
  std::thread thread_;
};

int main() {
  Worker worker;
  worker.post(1);
}
