// verdict: confirmed
// found: by runs
//
// A table is planned by two tasks: one chooses the dish, the other the wine. Each awaits what the other
// has chosen.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <utility>

// A task that starts when somebody first awaits it, and gives one value.
class Task {
 public:
  struct promise_type {
    std::coroutine_handle<> next = std::noop_coroutine();
    int value = 0;
    bool started = false;

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
    void return_value(int result) { value = result; }
    void unhandled_exception() { std::terminate(); }
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Task() {
    if (handle_) handle_.destroy();  // allow: await-cycle chooseWine
  }

  bool isDone() const { return handle_.done(); }
  void start() {
    if (!std::exchange(handle_.promise().started, true)) handle_.resume();
  }

  bool await_ready() const { return handle_.done(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().next = awaiting;
    return std::exchange(handle_.promise().started, true) ? std::noop_coroutine() : std::coroutine_handle<>(handle_);
  }
  int await_resume() const { return handle_.promise().value; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

struct Table {
  Task* dish;
  Task* wine;
};

Task chooseDish(Table& table) {
  const int vintage = co_await *table.wine;  // allow: await-cycle chooseWine
  co_return vintage % 3;
}

Task chooseWine(Table& table) {
  const int course = co_await *table.dish;  // expect: await-cycle chooseWine
  co_return 1990 + course;
}

int main() {
  Table table;
  Task dish = chooseDish(table), wine = chooseWine(table);
  table = {&dish, &wine};
  dish.start();
  wine.start();
  std::printf("the dish is %s\n", dish.isDone() ? "chosen" : "open");
  return 0;
}
