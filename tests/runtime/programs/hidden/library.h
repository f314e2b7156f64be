// Fibers of a library that is built as it is, with the names of Boost.Fiber and nothing of its code: many carriers, one
// queue, spinlocks that nobody sees.
#pragma once

#include <atomic>
#include <mutex>

namespace boost {
namespace fibers {

class spinlock {
 public:
  void lock();
  void unlock();

 private:
  std::atomic<bool> taken_{false};
};

/// Returned where the caller says.
struct Next {
  ~Next() {}
  void* at = nullptr;
};

class context {
 public:
  context(void (*body)(void*), void* data);
  static context* active();
  /// Goes on with this fiber, until it is left.
  void resume();
  void join();
  /// Two that begin alike: leaves this fiber; the second unlocks.
  void suspend();
  void suspend(std::unique_lock<spinlock>& guard);
  /// Its function has returned.
  Next terminate();

  void (*body)(void*);
  void* data;
  void* at;
  char* stack;
  context* next = nullptr;  ///< In the queue.
  std::atomic<bool> ended{false};
};

class scheduler {
 public:
  void schedule(context* ready);
  void remote_ready2ready_();
};

class mutex {
 public:
  void lock();
  bool try_lock();
  void unlock();

 private:
  bool take() { return taken_.exchange(1, std::memory_order_acquire) == 0; }
  std::atomic<int> taken_{0};
};

}  // namespace fibers
}  // namespace boost

namespace hidden {

using boost::fibers::context;
using boost::fibers::mutex;

context* start(void (*body)(void*), void* data);
/// Runs fibers until `enough()`.
void carryUntil(bool (*enough)());
/// Of the fiber that calls.
void yield();
void yieldLocked();

}  // namespace hidden
