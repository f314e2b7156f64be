// verdict: confirmed
// shows: often
//
// A pool of two threads makes thumbnails. The task for an album starts a task for each picture in the same pool and waits
// for it. With as many albums as threads, all threads wait for tasks that nobody is left to run.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

class Pool {
 public:
  explicit Pool(int size) {
    for (int i = 0; i < size; ++i) workers_.emplace_back([this] { work(); });
  }
  ~Pool() {
    {
      std::lock_guard<std::mutex> lock(mu_);
      stopping_ = true;
    }
    filled_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  template <class Job>
  std::future<int> submit(Job job) {
    auto task = std::make_shared<std::packaged_task<int()>>(std::move(job));
    std::future<int> result = task->get_future();
    {
      std::lock_guard<std::mutex> lock(mu_);
      jobs_.emplace_back([task] { (*task)(); });
    }
    filled_.notify_one();
    return result;
  }

 private:
  void work() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock<std::mutex> lock(mu_);
        filled_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  std::mutex mu_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> workers_;
  bool stopping_ = false;
};

int shrink(int picture) { return picture / 10; }

int album(Pool& pool, int pictures) {
  int size = 0;
  for (int i = 1; i <= pictures; ++i) {
    std::future<int> thumbnail = pool.submit([i] { return shrink(i * 100); });
    size += thumbnail.get();  // expect: future-deadlock thumbnail
  }
  return size;
}

int main() {
  Pool pool(2);
  std::vector<std::future<int>> albums;
  for (int i = 1; i <= 4; ++i) albums.push_back(pool.submit([&pool, i] { return album(pool, i); }));
  int size = 0;
  for (std::future<int>& each : albums) size += each.get();
  std::printf("%d kB\n", size);
  return 0;
}
