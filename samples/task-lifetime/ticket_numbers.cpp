// verdict: confirmed
// Ticket numbers come from a generator. Two counters draw from it at the same time, each on a thread of its own,
// and one resumes the generator while it runs for the other.
#include <coroutine>
#include <cstdio>
#include <exception>
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
      number = value;  // allow: data-race g_numbers
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
    handle_.resume();  // expect: task-lifetime Numbers::handle_
    return handle_.promise().number;  // allow: data-race g_numbers
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

Numbers count() {
  for (int number = 1;; ++number) co_yield number;  // allow: data-race g_numbers
}

Numbers g_numbers = count();

int main() {
  int left = 0, right = 0;
  std::thread counter([&] { left = g_numbers.next(); });
  right = g_numbers.next();
  counter.join();
  std::printf("%s\n", left > 0 && right > 0 ? "served" : "?");
  return 0;
}
