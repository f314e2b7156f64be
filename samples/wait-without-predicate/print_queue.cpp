// verdict: suspected
// A print server: two printers take documents from one queue. A printer tests once whether there is something to
// print, and believes any wake-up after that.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

class PrintQueue {
 public:
  void submit(int document) {
    std::lock_guard<std::mutex> lock(mutex_);
    documents_.push_back(document);
    filled_.notify_all();
  }

  int next() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (documents_.empty()) filled_.wait(lock);  // expect: wait-without-predicate PrintQueue::filled_
    const int document = documents_.front();
    documents_.pop_front();
    return document;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<int> documents_;
};

int main() {
  PrintQueue queue;
  int first = 0, second = 0;
  std::thread left([&] { first = queue.next(); });
  std::thread right([&] { second = queue.next(); });
  queue.submit(1);
  queue.submit(2);
  left.join();
  right.join();
  std::printf("printed %d documents, numbers add up to %d\n", 2, first + second);
  return first + second == 3 ? 0 : 1;
}
