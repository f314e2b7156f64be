// verdict: confirmed
// shows: rarely
//
// A job queue polled by one worker. To spare the lock while there is nothing to do, pop() first asks empty() without
// it, while push() may be changing the deque.
#include <chrono>
#include <cstdio>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

constexpr int kStop = -1;

class JobQueue {
 public:
  void push(int job) {
    std::lock_guard<std::mutex> lock(mu_);
    jobs_.push_back(job);  // expect: data-race JobQueue::jobs_
  }

  std::optional<int> pop() {
    if (jobs_.empty()) return std::nullopt;  // expect: data-race JobQueue::jobs_
    std::lock_guard<std::mutex> lock(mu_);
    if (jobs_.empty()) return std::nullopt;
    const int job = jobs_.front();
    jobs_.pop_front();  // expect: data-race JobQueue::jobs_
    return job;
  }

 private:
  std::mutex mu_;
  std::deque<int> jobs_;
};

// Adds up all jobs until it is told to stop.
void work(JobQueue& queue, long& sum) {
  while (true) {
    const std::optional<int> job = queue.pop();
    if (!job) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } else if (*job == kStop) {
      return;
    } else {
      sum += *job;
    }
  }
}

// The orders of the day, and then closing time.
void produce(JobQueue& queue) {
  for (int job = 1; job <= 20; ++job) queue.push(job);
  queue.push(kStop);
}

int main() {
  JobQueue queue;
  long sum = 0;
  std::thread worker(work, std::ref(queue), std::ref(sum));
  std::thread producer(produce, std::ref(queue));
  producer.join();
  worker.join();

  std::printf("sum of jobs: %ld\n", sum);
  return sum == 210 ? 0 : 1;
}
