// folly::coro as it should not be: a task that waits for another with its thread, one that is dropped, one that a
// scope keeps beyond what it refers to, and a thread's lock held over a baton.
#include <folly/coro/all.h>
#include <mutex>
#include <string>

folly::Executor* executor;
folly::coro::Baton ready;
folly::coro::AsyncScope scope;
std::mutex mu;
int waited = 0, held = 0;
void countNames();

folly::coro::Task<int> part() {
  co_await folly::coro::sleep(std::chrono::milliseconds(1));
  co_return 1;
}

folly::coro::Task<> sum() {
  waited = folly::coro::blockingWait(part());  // expect: blocking-in-task sum
  co_return;
}

folly::coro::Task<> drops() {
  part();  // expect: task-lifetime part
  co_await ready;
}

folly::coro::Task<> greet(const std::string& name) {
  co_await ready;
  if (!name.empty()) countNames();
}

void welcome() {
  std::string name = "guest";
  scope.add(folly::coro::co_withExecutor(executor, greet(name)));  // expect: coroutine-dangling name
}

folly::coro::Task<> holds() {
  std::lock_guard<std::mutex> lock(mu);
  co_await ready;  // expect: lock-across-suspend mu
  ++held;
}

int main() {
  welcome();
  folly::coro::blockingWait(folly::coro::collectAll(sum(), drops(), holds()));
  return waited + held;
}
