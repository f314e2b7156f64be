// Postcards are posted when the loop comes to them. Each is a coroutine that is given its text as a view, and has a
// text of its own before it waits; the printed ones are there as long as the program.
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>
#include <string>
#include <string_view>

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

int g_posted = 0;

Job deliver(std::string text) {
  co_await Turn{};
  if (text.size() < 100) ++g_posted;
}

Job post(std::string_view text) { return deliver(std::string(text)); }

Job postPrinted(std::string_view text) {
  co_await Turn{};
  if (text.size() < 100) ++g_posted;
}

void compose(int number) {
  std::string greeting = "From " + std::to_string(number);
  post(greeting);
  post(greeting + "!");
  postPrinted("Wish you were here");
}

int main() {
  for (int i = 0; i < 3; ++i) compose(i);
  runAll();
  std::printf("%d posted\n", g_posted);
  return 0;
}
