// Each method locks, and still the last job may be taken between the question and the answer.
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
  int pop() {
    std::lock_guard<std::mutex> lock(mu_);
    int job = jobs_.front();
    jobs_.pop();
    return job;
  }

 private:
  mutable std::mutex mu_;
  std::queue<int> jobs_;
};

void work(Jobs& jobs, int* sum) {
  while (!jobs.empty()) *sum += jobs.pop();  // expect: check-then-act Jobs::jobs_
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
