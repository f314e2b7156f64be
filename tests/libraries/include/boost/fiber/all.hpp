// The shape of Boost.Fiber, as far as the programs here need it.
#pragma once
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

namespace boost {
namespace fibers {

enum class launch { dispatch, post };

class mutex {
 public:
  void lock();
  bool try_lock();
  void unlock();
};

class condition_variable {
 public:
  void wait(std::unique_lock<mutex>& lock);
  template <class Predicate>
  void wait(std::unique_lock<mutex>& lock, Predicate predicate) {
    while (!predicate()) wait(lock);
  }
  void notify_one();
  void notify_all();
};

class condition_variable_any {
 public:
  template <class Lock>
  void wait(Lock& lock);
  template <class Lock, class Predicate>
  void wait(Lock& lock, Predicate predicate) {
    while (!predicate()) wait(lock);
  }
  void notify_all();
};

class fiber {
 public:
  fiber() noexcept;
  template <class Function>
  explicit fiber(Function&& function);
  template <class Function, class Argument>
  fiber(Function&& function, Argument&& argument);
  template <class Function, class Argument>
  fiber(launch policy, Function&& function, Argument&& argument);
  template <class Function, class First, class Second>
  fiber(launch policy, Function&& function, First&& first, Second&& second);
  fiber(fiber&&) noexcept;
  fiber& operator=(fiber&&) noexcept;
  ~fiber();
  void join();
  void detach();
  bool joinable() const noexcept;
};

template <class T>
class future {
 public:
  T get();
  void wait() const;
};

template <class T>
class promise {
 public:
  future<T> get_future();
  void set_value(const T& value);
};

}  // namespace fibers

namespace this_fiber {
void yield() noexcept;
template <class Rep, class Period>
void sleep_for(const std::chrono::duration<Rep, Period>& time);
}  // namespace this_fiber
}  // namespace boost
