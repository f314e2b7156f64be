// Fibers of a library that is built as it is, with the names of Boost.Fiber and nothing of its code: many carriers, one
// queue, spinlocks that nobody sees.
#pragma once

#include <atomic>

namespace boost {
namespace fibers {

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
  /// Its function has returned.
  Next terminate();

  void (*body)(void*);
  void* data;
  void* at;
  char* stack;
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

}  // namespace hidden
