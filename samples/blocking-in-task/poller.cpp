// verdict: confirmed
// A device is polled by a coroutine beside others on one thread. While it is not ready the coroutine sleeps, and all
// of them stand still.
#include <chrono>
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>
#include <thread>

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

int g_asked = 0;
int g_ticks = 0;

bool ready() { return ++g_asked > 3; }

Job poll() {
  co_await Turn{};
  while (!ready()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // expect: blocking-in-task poll
  }
  std::printf("ready after %d ticks\n", g_ticks);
}

Job tick() {
  for (int i = 0; i < 5; ++i) {
    ++g_ticks;
    co_await Turn{};
  }
}

int main() {
  tick();
  poll();
  runAll();
  return g_ticks == 5 ? 0 : 1;
}
