// The shape of folly::coro, as far as the programs here need it. The real library has a header for each.
#pragma once
#include <chrono>
#include <coroutine>
#include <mutex>
#include <type_traits>
#include <utility>

namespace folly {
class Executor;

namespace coro {

template <class T>
class TaskWithExecutor {
 public:
  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiter);
  T await_resume();
};

template <class T = void>
class Task {
 public:
  struct promise_base {
    std::suspend_always initial_suspend() noexcept;
    std::suspend_always final_suspend() noexcept;
    void unhandled_exception();
  };
  struct value_promise : promise_base {
    Task get_return_object();
    template <class V>
    void return_value(V&& value);
  };
  struct void_promise : promise_base {
    Task get_return_object();
    void return_void();
  };
  using promise_type = std::conditional_t<std::is_void_v<T>, void_promise, value_promise>;
  Task(Task&&) noexcept;
  ~Task();
  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiter);
  T await_resume();
};

template <class T>
TaskWithExecutor<T> co_withExecutor(Executor* executor, Task<T> task);

struct operation {
  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume();
};

class Mutex;
struct scoped_operation : operation {
  std::unique_lock<Mutex> await_resume();
};
class Mutex {
 public:
  scoped_operation co_scoped_lock() noexcept;
  operation co_lock() noexcept;
  bool try_lock() noexcept;
  void lock();
  void unlock() noexcept;
};

class Baton {
 public:
  void post() noexcept;
  operation operator co_await() const noexcept;
};

class AsyncScope {
 public:
  template <class Awaitable>
  void add(Awaitable&& awaitable) {
    keep(std::move(awaitable));
  }
  Task<void> joinAsync();

 private:
  template <class Awaitable>
  void keep(Awaitable awaitable);
};

template <class T>
T blockingWait(Task<T>&& task);
template <class... Tasks>
Task<void> collectAll(Tasks&&... tasks);
Task<void> sleep(std::chrono::milliseconds time);

}  // namespace coro
}  // namespace folly
