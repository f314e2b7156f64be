// The question is asked again where it matters: under the lock that pops.
#include <mutex>
#include <queue>
#include <thread>

class Jobs {
 public:
  bool empty() const {
    std::lock_guard<std::mutex> lock(mu_);
    return jobs_.empty();
  }
  void push(int job) {
    std::lock_guard<std::mutex> lock(mu_);
    jobs_.push(job);
  }
  bool tryPop(int* job) {
    std::lock_guard<std::mutex> lock(mu_);
    if (jobs_.empty()) return false;
    *job = jobs_.front();
    jobs_.pop();
    return true;
  }

 private:
  mutable std::mutex mu_;
  std::queue<int> jobs_;
};

void work(Jobs& jobs, int* sum) {
  while (!jobs.empty()) {
    int job = 0;
    if (jobs.tryPop(&job)) *sum += job;
  }
}

int main() {
  Jobs jobs;
  for (int i = 0; i < 100; ++i) jobs.push(i);
  int left = 0, right = 0;
  std::thread a([&] { work(jobs, &left); });
  std::thread b([&] { work(jobs, &right); });
  a.join();
  b.join();
  return left + right == 4950 ? 0 : 1;
}
