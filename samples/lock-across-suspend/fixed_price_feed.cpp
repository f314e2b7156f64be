// Prices are fetched from a slow source by one coroutine and shown by another, on one thread. The table is locked only to
// store what was fetched.
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>
#include <mutex>

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

struct PriceTable {
  std::mutex mutex;
  int price = 0;
};

int g_shown = 0;

Job refresh(PriceTable& table) {
  co_await Turn{};  // the answer of the source comes
  std::lock_guard<std::mutex> lock(table.mutex);
  table.price = 42;
}

Job show(PriceTable& table) {
  co_await Turn{};  // a customer asks
  std::lock_guard<std::mutex> lock(table.mutex);
  g_shown = table.price;
}

int main() {
  static PriceTable table;
  show(table);
  refresh(table);
  runAll();
  std::printf("price %d\n", g_shown);
  return 0;
}
