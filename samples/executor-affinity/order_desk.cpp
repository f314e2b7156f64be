// verdict: confirmed
// shows: rarely
//
// The open orders of a desk are used on its event loop only, one task at a time, so they need no lock. The display asks for
// their number from its own thread.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

class Loop {
 public:
  Loop() : thread_([this] { run(); }) {}
  ~Loop() {
    post({});
    thread_.join();
  }

  void post(std::function<void()> task) {
    std::lock_guard<std::mutex> lock(mu_);
    tasks_.push_back(std::move(task));
    posted_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      posted_.wait(lock, [this] { return !tasks_.empty(); });
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      if (!task) return;
      task();
    }
  }

  std::mutex mu_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> tasks_;
  std::thread thread_;
};

class OrderDesk {
 public:
  void take(int pieces) {
    loop_.post([this, pieces] {
      open_ += pieces;  // expect: executor-affinity OrderDesk::open_
    });
  }

  int open() const { return open_; }  // expect: executor-affinity OrderDesk::open_

 private:
  int open_ = 0;
  Loop loop_;
};

int main() {
  OrderDesk desk;
  for (int i = 0; i < 3; ++i) desk.take(2);
  std::printf("%s\n", desk.open() <= 6 ? "open for business" : "?");
  return 0;
}
