// The shape of cppcoro, as far as the programs here need it.
#pragma once
#include <coroutine>
#include <type_traits>
#include <utility>

namespace cppcoro {

template <class T = void>
class task {
 public:
  struct promise_base {
    std::suspend_always initial_suspend() noexcept;
    std::suspend_always final_suspend() noexcept;
    void unhandled_exception();
  };
  struct value_promise : promise_base {
    task get_return_object();
    template <class V>
    void return_value(V&& value);
  };
  struct void_promise : promise_base {
    task get_return_object();
    void return_void();
  };
  using promise_type = std::conditional_t<std::is_void_v<T>, void_promise, value_promise>;
  task(task&&) noexcept;
  ~task();
  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiter);
  T await_resume();
};

struct operation {
  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume();
};

class static_thread_pool {
 public:
  explicit static_thread_pool(unsigned threads);
  operation schedule() noexcept;
};

class async_mutex;
class async_mutex_lock {
 public:
  async_mutex_lock(async_mutex_lock&&) noexcept;
  ~async_mutex_lock();
};
struct scoped_operation : operation {
  async_mutex_lock await_resume();
};
class async_mutex {
 public:
  scoped_operation scoped_lock_async() noexcept;
  operation lock_async() noexcept;
  void unlock();
};

class async_manual_reset_event {
 public:
  void set() noexcept;
  operation operator co_await() const noexcept;
};

class async_scope {
 public:
  template <class Awaitable>
  void spawn(Awaitable&& awaitable) {
    keep(std::move(awaitable));
  }
  operation join() noexcept;

 private:
  template <class Awaitable>
  void keep(Awaitable awaitable);
};

template <class T>
T sync_wait(task<T>&& awaitable);
template <class... Tasks>
task<> when_all(Tasks&&... tasks);

}  // namespace cppcoro
