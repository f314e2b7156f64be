// A pool whose users shut it down: its threads are moved out of the pool and joined there.
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) steady_.emplace_back([this] { work(false); });
  }
  void give(std::function<void()> task) {
    std::lock_guard<std::mutex> lock(mu_);
    tasks_.push_back(std::move(task));
    if (idle_ == 0) extra_.emplace_back([this] { work(true); });
    given_.notify_one();
  }
  void shutDown() {
    std::list<std::thread> extra;
    {
      std::lock_guard<std::mutex> lock(mu_);
      over_ = true;
      extra = std::move(extra_);
    }
    given_.notify_all();
    for (std::thread& thread : steady_) thread.join();
    for (std::thread& thread : extra) thread.join();
  }

 private:
  void work(bool once) {
    do {
      std::unique_lock<std::mutex> lock(mu_);
      ++idle_;
      given_.wait(lock, [this] { return over_ || !tasks_.empty(); });
      --idle_;
      if (tasks_.empty()) return;
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    } while (!once);
  }

  std::mutex mu_;
  std::condition_variable given_;
  std::list<std::function<void()>> tasks_;
  int idle_ = 0;
  bool over_ = false;
  std::vector<std::thread> steady_;
  std::list<std::thread> extra_;
};

int main() {
  Pool pool(2);
  pool.give([] {});
  pool.shutDown();
}
