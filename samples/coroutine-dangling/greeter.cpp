// verdict: suspected
// Each visitor is greeted by a coroutine that first waits its turn. It is given the visitor by reference, and the
// visitor is a local of the function that has returned by then.
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>

// An event loop on one thread: whoever awaits a Turn goes on after all others that are ready.
std::deque<std::coroutine_handle<>> g_ready;

struct Turn {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) { g_ready.push_back(task); }
  void await_resume() noexcept {}
};

void runAll() {
  while (!g_ready.empty()) {
    const std::coroutine_handle<> next = g_ready.front();
    g_ready.pop_front();
    next.resume();
  }
}

// A coroutine that starts at once and ends by itself.
struct Job {
  struct promise_type {
    Job get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

struct Visitor {
  int number;
  int badge;
};

int g_greeted = 0;

Job greet(const Visitor& visitor) {
  co_await Turn{};
  if (visitor.number >= 0) ++g_greeted;  // expect: coroutine-dangling visitor
}

void arrive(int number) {
  Visitor visitor{number, 100 + number};
  if (visitor.badge > 0) greet(visitor);
}  // expect: coroutine-dangling visitor

int main() {
  for (int i = 0; i < 3; ++i) arrive(i);
  runAll();
  std::printf("%d greeted\n", g_greeted);
  return g_greeted >= 0 ? 0 : 1;
}
