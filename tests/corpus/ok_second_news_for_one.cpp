// The end is told to all; what is said to one waiter after that is about a new task, though the flag was set before.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

class Crew {
 public:
  explicit Crew(int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  bool give(int task) {
    {
      std::lock_guard<std::mutex> lock(mu_);
      if (over_) return false;
      tasks_.push_back(task);
    }
    given_.notify_one();
    return true;
  }
  void end() {
    {
      std::lock_guard<std::mutex> lock(mu_);
      over_ = true;
    }
    given_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      given_.wait(lock, [this] { return over_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      tasks_.pop_front();
    }
  }

  std::mutex mu_;
  std::condition_variable given_;
  std::deque<int> tasks_;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

int main() {
  Crew crew(3);
  crew.give(1);
  crew.end();
  return crew.give(2) ? 1 : 0;
}
