// Pages are loaded once and kept. Two requests for one page look again after they have loaded it.
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>
#include <unordered_map>

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

std::unordered_map<int, int> g_pages;
int g_loads = 0;

Job request(int key) {
  if (!g_pages.contains(key)) {
    co_await Turn{};  // the page is read
    if (!g_pages.contains(key)) {
      g_pages[key] = key * 10;
      ++g_loads;
    }
  }
}

int main() {
  request(7);
  request(7);
  runAll();
  std::printf("loaded %d times\n", g_loads);
  return g_pages[7] == 70 && g_loads == 1 ? 0 : 1;
}
