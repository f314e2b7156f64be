// Nanoseconds of processor time for a suspension with the resumption after it, and for creating and destroying a task.
#include <coroutine>
#include <cstdio>
#include <ctime>
#include <exception>
#include <ucontext.h>
#include <utility>

namespace {

struct Generator {
  struct promise_type {
    int value = 0;
    Generator get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int next) {
      value = next;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

struct Task {
  struct promise_type {
    std::coroutine_handle<> awaiting;
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().awaiting;
      }
      void await_resume() noexcept {}
    };
    Task get_return_object() { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  explicit Task(std::coroutine_handle<promise_type> own) : handle(own) {}
  Task(const Task&) = delete;
  ~Task() { handle.destroy(); }
  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle.promise().awaiting = awaiting;
    return handle;
  }
  void await_resume() {}
  std::coroutine_handle<promise_type> handle;
};

[[gnu::noinline]] Generator counts() {
  for (int i = 0;; ++i) co_yield i;
}
[[gnu::noinline]] Task leaf(long& sum) {
  ++sum;
  co_return;
}
[[gnu::noinline]] Generator awaits(long& sum) {
  for (;;) {
    co_await leaf(sum);
    co_yield 0;
  }
}

double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <class Once>
void measure(const char* name, int times, Once once) {
  double best = 1e18;
  for (int round = 0; round < 7; ++round) {
    double begin = now();
    for (int i = 0; i < times; ++i) once();
    double each = (now() - begin) / times;
    if (each < best) best = each;
  }
  std::printf("%s\t%.2f\n", name, best);
}

ucontext_t own, other;
void answers() {
  for (;;) swapcontext(&other, &own);
}

}  // namespace

int main() {
  Generator generator = counts();
  long sum = 0;
  measure("suspend and resume", 300000, [&] {
    generator.handle.resume();
    sum += generator.handle.promise().value;
  });
  generator.handle.destroy();
  Generator outer = awaits(sum);
  measure("await a task that is made and ended", 100000, [&] { outer.handle.resume(); });
  outer.handle.destroy();
  static char stack[1 << 16];
  getcontext(&other);
  other.uc_stack.ss_sp = stack;
  other.uc_stack.ss_size = sizeof(stack);
  makecontext(&other, answers, 0);
  measure("two context switches", 50000, [&] { swapcontext(&own, &other); });
  return sum == 0;
}
