// A parking deck counts its cars on a strand: one task at a time, though a pool of threads works. So does who drives
// out.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#ifdef __clang__
#define MODEL(text) __attribute__((annotate("deadheat: " text)))  // As deadheat/annotations.h has it.
#else
#define MODEL(text)
#endif

class MODEL("kind: executor, threads: many") Pool {
 public:
  Pool() {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { work(); });
  }
  MODEL("effect: spawn, entry: 0, where: pool, handle: this") void post(std::function<void()> task) {
    std::lock_guard<std::mutex> lock(mu_);
    tasks_.push_back(std::move(task));
    posted_.notify_one();
  }
  MODEL("effect: join") void finish() {
    {
      std::lock_guard<std::mutex> lock(mu_);
      ending_ = true;
    }
    posted_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      posted_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  std::mutex mu_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

// Gives its tasks to the pool one after the other.
class MODEL("kind: executor, threads: one") Strand {
 public:
  explicit Strand(Pool& pool) : pool_(pool), queue_(std::make_shared<Queue>()) {}
  MODEL("effect: spawn, entry: 0, where: pool, handle: this") void post(std::function<void()> task) {
    std::lock_guard<std::mutex> lock(queue_->mu);
    queue_->tasks.push_back(std::move(task));
    if (std::exchange(queue_->running, true)) return;
    pool_.post([queue = queue_] { runAll(*queue); });
  }

 private:
  struct Queue {
    std::mutex mu;
    std::deque<std::function<void()>> tasks;
    bool running = false;
  };

  static void runAll(Queue& queue) {
    for (;;) {
      std::unique_lock<std::mutex> lock(queue.mu);
      if (queue.tasks.empty()) {
        queue.running = false;
        return;
      }
      std::function<void()> task = std::move(queue.tasks.front());
      queue.tasks.pop_front();
      lock.unlock();
      task();
    }
  }

  Pool& pool_;
  std::shared_ptr<Queue> queue_;
};

int main() {
  Pool pool;
  Strand gate(pool);
  int inside = 5;
  for (int i = 0; i < 2; ++i) {
    gate.post([&inside] { ++inside; });
  }
  gate.post([&inside] { --inside; });
  pool.finish();
  std::printf("%s\n", inside >= 4 ? "the deck is open" : "?");
  return 0;
}
