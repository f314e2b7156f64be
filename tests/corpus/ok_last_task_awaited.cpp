// Tasks run in a thread that is never joined; who gave it one waits, before he goes, until it is done.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <queue>
#include <set>
#include <thread>

class Background {
 public:
  using Work = void (*)(void*);
  void give(Work work, void* owner) {
    std::lock_guard<std::mutex> lock(mu_);
    if (!started_) {
      started_ = true;
      std::thread([this] { run(); }).detach();
    }
    tasks_.push({work, owner});
    given_.notify_one();
  }

 private:
  struct Task {
    Work work;
    void* owner;
  };
  void run() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      given_.wait(lock, [this] { return !tasks_.empty(); });
      Task task = tasks_.front();
      tasks_.pop();
      lock.unlock();
      task.work(task.owner);
    }
  }

  std::mutex mu_;
  std::condition_variable given_;
  std::queue<Task> tasks_;
  bool started_ = false;
};

Background& background() {
  static Background* one = new Background;
  return *one;
}

class Store {
 public:
  ~Store() {
    std::unique_lock<std::mutex> lock(mu_);
    while (busy_) done_.wait(lock);
  }
  void put(int key) {
    std::lock_guard<std::mutex> lock(mu_);
    keys_.insert(key);
    if (busy_) return;
    busy_ = true;
    background().give(&Store::compact, this);
  }

 private:
  static void compact(void* store) { static_cast<Store*>(store)->compactKeys(); }
  void compactKeys() {
    std::lock_guard<std::mutex> lock(mu_);
    keys_.erase(keys_.begin());
    busy_ = false;
    done_.notify_all();
  }

  std::mutex mu_;
  std::condition_variable done_;
  bool busy_ = false;
  std::set<int> keys_;
};

int main() {
  auto* store = new Store;
  for (int i = 0; i < 10; ++i) store->put(i);
  delete store;
}
