// cppcoro as it should not be: a task of the pool that waits for another with its thread, one that is dropped, one that a
// scope keeps beyond what it refers to, and a thread's lock held over an event.
#include <cppcoro/all.hpp>
#include <mutex>
#include <string>

cppcoro::static_thread_pool pool(1);
cppcoro::async_manual_reset_event ready;
cppcoro::async_scope scope;
std::mutex mu;
int waited = 0, held = 0;
void countNames();

cppcoro::task<int> part() {
  co_await pool.schedule();
  co_return 1;
}

cppcoro::task<> sum() {
  waited = cppcoro::sync_wait(part());  // expect: blocking-in-task sum
  co_return;
}

cppcoro::task<> drops() {
  part();  // expect: task-lifetime part
  co_await ready;
}

cppcoro::task<> greet(const std::string& name) {
  co_await ready;
  if (!name.empty()) countNames();
}

void welcome() {
  std::string name = "guest";
  scope.spawn(greet(name));  // expect: coroutine-dangling name
}

cppcoro::task<> holds() {
  std::lock_guard<std::mutex> lock(mu);
  co_await ready;  // expect: lock-across-suspend mu
  ++held;
}

int main() {
  welcome();
  cppcoro::sync_wait(cppcoro::when_all(sum(), drops(), holds()));
  return waited + held;
}
