// What an object runs in a thread of its own is public only so that the thread can be given it: nobody else calls it.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

class Runnable {
 public:
  virtual ~Runnable() = default;
  virtual void run() = 0;
};

class Worker : public Runnable {
 public:
  Worker() { thread_ = std::thread(&Worker::run, this); }
  ~Worker() override {
    {
      std::lock_guard<std::mutex> guard(lock_);
      running_ = false;
    }
    changed_.notify_one();
    thread_.join();
  }

  void push(int job) {
    std::lock_guard<std::mutex> guard(lock_);
    jobs_.push_back(job);
    changed_.notify_one();
  }

  void run() override {
    std::unique_lock<std::mutex> guard(lock_);
    while (running_) {
      changed_.wait(guard, [this] { return !running_ || !jobs_.empty(); });
      mine_.swap(jobs_);
      guard.unlock();
      for (int job : mine_) done_ += job;
      mine_.clear();
      guard.lock();
    }
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<int> jobs_, mine_;
  bool running_ = true;
  long done_ = 0;
  std::thread thread_;
};
