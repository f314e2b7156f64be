// Guests are greeted one after the other, by a coroutine that lets others have their turn after each. Meanwhile more
// guests arrive, so it counts instead of pointing into the list.
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>
#include <vector>

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

std::vector<int> g_guests = {1, 2};
int g_greeted = 0;

Job greet() {
  for (std::size_t i = 0; i < g_guests.size(); ++i) {
    g_greeted += g_guests[i];
    co_await Turn{};
  }
}

Job admit() {
  for (int guest = 3; guest < 6; ++guest) {
    g_guests.push_back(guest);
    co_await Turn{};
  }
}

int main() {
  greet();
  admit();
  runAll();
  std::printf("%zu guests\n", g_guests.size());
  return 0;
}
