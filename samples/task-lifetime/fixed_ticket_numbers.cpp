// Ticket numbers come from a generator. Two counters draw from it, each on a thread of its own, and take turns by a
// lock.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

class Numbers {
 public:
  struct promise_type {
    int number = 0;
    Numbers get_return_object() { return Numbers(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int value) noexcept {
      number = value;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  explicit Numbers(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Numbers(Numbers&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Numbers() {
    if (handle_) handle_.destroy();
  }

  int next() {
    handle_.resume();
    return handle_.promise().number;
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

Numbers count() {
  for (int number = 1;; ++number) co_yield number;
}

Numbers g_numbers = count();
std::mutex g_turn;

int draw() {
  std::lock_guard<std::mutex> lock(g_turn);
  return g_numbers.next();
}

int main() {
  int left = 0, right = 0;
  std::thread counter([&] { left = draw(); });
  right = draw();
  counter.join();
  std::printf("%s\n", left > 0 && right > 0 ? "served" : "?");
  return 0;
}
