// The object is made here, kept there, and reached by the thread through two calls.
#include <memory>
#include <thread>

struct Job {
  int steps = 0;
};

struct Runner {
  Job* job = nullptr;
};

void advance(Job* job) { job->steps += 1; }  // expect: data-race Job::steps
void run(Runner* runner) { advance(runner->job); }

int main() {
  auto job = std::make_unique<Job>();
  Runner runner;
  runner.job = job.get();
  std::thread thread(run, &runner);
  const int steps = job->steps;  // expect: data-race Job::steps
  thread.join();
  return steps > 1 ? 1 : 0;
}
