// A log is flushed by a lazy task when the program shuts down. It is awaited.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <utility>

// A task that runs when it is awaited or started.
class Task {
 public:
  struct promise_type {
    std::coroutine_handle<> next = std::noop_coroutine();
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
        return ended.promise().next;
      }
      void await_resume() noexcept {}
    };
    Final final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }
  void start() { handle_.resume(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().next = awaiting;
    return handle_;
  }
  void await_resume() noexcept {}

 private:
  std::coroutine_handle<promise_type> handle_;
};

int g_flushed = 0;

Task flushLog() {
  ++g_flushed;
  co_return;
}

Task shutDown() {
  co_await flushLog();
  std::printf("flushed %d times\n", g_flushed);
  co_return;
}

int main() {
  Task last = shutDown();
  last.start();
  return g_flushed <= 1 ? 0 : 1;
}
