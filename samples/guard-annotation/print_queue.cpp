// verdict: confirmed
//
// A print queue that says in attributes what its lock guards. The progress shown on the panel reads the page count
// without it.
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

#define GUARDED_BY(lock) __attribute__((guarded_by(lock)))
#define REQUIRES(lock) __attribute__((requires_capability(lock)))

constexpr int kJobs = 3000;

class PrintQueue {
 public:
  void add(int pages) {
    std::lock_guard<std::mutex> guard(mu_);
    jobs_.push_back(pages);
  }

  bool printNext() {
    std::lock_guard<std::mutex> guard(mu_);
    if (jobs_.empty()) return false;
    countPages(jobs_.front());
    jobs_.pop_front();
    return true;
  }

  // Asked by the panel at any time.
  bool isNearService() {
    return printed_ > kJobs / 2;  // expect: guard-annotation PrintQueue::printed_
  }

 private:
  void countPages(int pages) REQUIRES(mu_) {
    printed_ += pages;  // expect: guard-annotation PrintQueue::printed_
  }

  std::mutex mu_;
  std::deque<int> jobs_ GUARDED_BY(mu_);
  int printed_ GUARDED_BY(mu_) = 0;
};

int main() {
  PrintQueue queue;
  for (int job = 0; job < kJobs; ++job) queue.add(1);
  std::thread printer([&] {
    while (queue.printNext()) std::this_thread::yield();
  });
  int shown = 0;
  for (int look = 0; look < kJobs; ++look) {
    if (queue.isNearService()) ++shown;
    std::this_thread::yield();
  }
  printer.join();
  std::printf("asked for service %d times\n", shown);
}
