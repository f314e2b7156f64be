// Coroutines: driven as they must be, and against their rules. What only a pass plugin sees is told of clang's build
// alone.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "stories.h"

extern std::coroutine_handle<> kept;
std::coroutine_handle<> kept;  ///< Known outside, so that what is written to it stays.

namespace {

/// A coroutine that somebody resumes by hand.
struct Manual {
  struct promise_type {
    int value = 0;
    Manual get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int next) {
      value = next;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

/// A lazy task: awaiting it starts it, its end resumes who awaits, both without a call.
struct Lazy {
  struct promise_type {
    std::coroutine_handle<> awaiting = std::noop_coroutine();
    int value = 0;
    std::exception_ptr error;
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().awaiting;
      }
      void await_resume() noexcept {}
    };
    Lazy get_return_object() { return Lazy(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(int result) { value = result; }
    void unhandled_exception() { error = std::current_exception(); }
  };
  explicit Lazy(std::coroutine_handle<promise_type> own) : handle(own) {}
  Lazy(Lazy&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  ~Lazy() {
    if (handle) handle.destroy();
  }
  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle.promise().awaiting = awaiting;
    return handle;
  }
  int await_resume() {
    if (handle.promise().error) std::rethrow_exception(handle.promise().error);
    return handle.promise().value;
  }
  std::coroutine_handle<promise_type> handle;
};

/// Threads that resume what is handed to them.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }
  ~Pool() {
    {
      std::lock_guard guard(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  struct Move {
    Pool& pool;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> handle) { pool.post(handle); }
    void await_resume() {}
  };
  Move move() { return {*this}; }
  void post(std::coroutine_handle<> handle) {
    {
      std::lock_guard guard(mutex_);
      ready_.push_back(handle);
    }
    changed_.notify_one();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || !ready_.empty(); });
      if (ready_.empty()) return;
      std::coroutine_handle<> next = ready_.front();
      ready_.pop_front();
      lock.unlock();
      next.resume();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::coroutine_handle<>> ready_;
  bool stopped_ = false;
  std::vector<std::thread> workers_;
};

[[gnu::noinline]] Manual counts(int most) {
  for (int i = 0; i < most; ++i) co_yield i;
}

/// In line, its frame would lie in its caller's, and be no task.
[[gnu::noinline]] Manual once() { co_await std::suspend_always{}; }

std::coroutine_handle<> inner;
struct ResumesItself {
  bool await_ready() {
    inner.resume();
    return false;
  }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() {}
};
struct DestroysItself {
  bool await_ready() {
    inner.destroy();
    return true;
  }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() {}
};
int depth = 0;
[[gnu::noinline]] Manual resumesItself() {
  if (depth++ == 0) co_await ResumesItself{};
}

void generated() {
  Manual generator = counts(3);
  int sum = 0;
  for (generator.handle.resume(); !generator.handle.done(); generator.handle.resume())
    sum += generator.handle.promise().value;
  generator.handle.destroy();
  std::printf("sum %d\n", sum);
}

void abandoned() {
  Manual generator = counts(3);
  generator.handle.resume();
  generator.handle.destroy();
}

void resumedWhileRunning() {
  Manual task = resumesItself();
  inner = task.handle;
  task.handle.resume();
  std::puts("finished");
  std::_Exit(0);
}

void resumedAfterEnd() {
  Manual task = once();
  task.handle.resume();
  task.handle.resume();
  task.handle.resume();
}

void resumedAfterDestruction() {
  Manual task = once();
  task.handle.resume();
  task.handle.destroy();
  task.handle.resume();
}

/// The same memory was the frame of thousands before, and of none since.
void resumedAfterManyLives() {
  Manual task = once();
  for (int i = 0; i < 10000; ++i) {
    task.handle.resume();
    task.handle.destroy();
    if (i != 9999) task = once();
  }
  task.handle.resume();
}

/// Others, with frames elsewhere, have ended since.
void resumedAfterOthersEnded() {
  Manual task = once();
  std::vector<Manual> others;
  for (int i = 0; i < 1000; ++i) others.push_back(once());
  task.handle.resume();
  task.handle.destroy();
  for (Manual& other : others) other.handle.destroy();
  task.handle.resume();
}

/// What it counts nobody else can name; the threads take turns by the clock alone.
[[gnu::noinline]] Manual sums() {
  long sum = 0;
  for (int i = 1;; ++i) {
    sum += i;
    co_yield static_cast<int>(sum);
  }
}
void resumedByTwoInTurn() {
  Manual task = sums();
  kept = task.handle;
  std::thread second([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    kept.resume();
  });
  kept.resume();
  second.join();
  kept.destroy();
}

/// Its address goes to another thread, by way of a pointer made before the suspension.
[[gnu::noinline]] Manual lends(std::atomic<long*>& lent) {
  long counted = 0;
  lent.store(&counted, std::memory_order_relaxed);
  co_await std::suspend_always{};
  counted = 2;
  co_await std::suspend_always{};
}
void variableOfATaskIsShared() {
  std::atomic<long*> lent = nullptr;
  Manual task = lends(lent);
  task.handle.resume();
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    *lent.load(std::memory_order_relaxed) = 1;
  });
  task.handle.resume();
  other.join();
  task.handle.destroy();
}

void destroyedTwice() {
  Manual task = once();
  task.handle.resume();
  task.handle.destroy();
  task.handle.destroy();
}

[[gnu::noinline]] Manual destroysItself() {
  co_await DestroysItself{};
  std::puts("finished");
  std::_Exit(0);
}
void destroyedWhileRunning() {
  Manual task = destroysItself();
  inner = task.handle;
  task.handle.resume();
}

Lazy leaf(Pool& pool, int value) {
  co_await pool.move();
  co_return value;
}
Lazy fails(Pool& pool) {
  co_await pool.move();
  throw std::runtime_error("as it should");
  co_return 0;
}
Lazy branch(Pool& pool, int value) {
  int sum = 0;
  for (int i = 0; i < 20; ++i) sum += co_await leaf(pool, value);
  try {
    co_await fails(pool);
  } catch (const std::runtime_error&) {
    ++sum;
  }
  co_return sum;
}

struct Done {
  std::mutex mutex;
  std::condition_variable changed;
  int left;
  void count() {
    std::lock_guard guard(mutex);
    --left;
    changed.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return left == 0; });
  }
};

struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
Detached runs(Pool& pool, Done& done, int& result) {
  result = co_await branch(pool, 1);
  done.count();
}

/// Tasks wander between threads, await each other and throw.
void wandering() {
  Pool pool(3);
  Done done{.mutex = {}, .changed = {}, .left = 8};
  int results[8] = {};
  for (int& result : results) runs(pool, done, result);
  done.wait();
  for (int result : results)
    if (result != 21) std::printf("wrong: %d\n", result);
}

int shared;
Detached writes(Pool& pool, Done& done, std::mutex* guard) {
  co_await pool.move();
  if (guard != nullptr) guard->lock();
  ++shared;
  if (guard != nullptr) guard->unlock();
  done.count();
}
/// Two tasks on two threads: no resumption orders them.
void racingTasks() {
  Done done{.mutex = {}, .changed = {}, .left = 2};
  Pool first(1), second(1);
  writes(first, done, nullptr);
  writes(second, done, nullptr);
  done.wait();
}
Lazy racingLeaf(Pool& pool) {
  co_await pool.move();
  co_return ++shared;
}
Lazy middle(Pool& pool) { co_return co_await racingLeaf(pool); }
Detached outermost(Pool& pool, Done& done) {
  co_await middle(pool);
  done.count();
}
void racingLeaves() {
  Done done{.mutex = {}, .changed = {}, .left = 2};
  Pool first(1), second(1);
  outermost(first, done);
  outermost(second, done);
  done.wait();
}
void guardedTasks() {
  std::mutex guard;
  Done done{.mutex = {}, .changed = {}, .left = 2};
  Pool first(1), second(1);
  writes(first, done, &guard);
  writes(second, done, &guard);
  done.wait();
}

struct Declines {
  bool await_ready() { return false; }
  bool await_suspend(std::coroutine_handle<>) { return false; }
  void await_resume() {}
};
struct Throws {
  bool await_ready() { return false; }
  bool await_suspend(std::coroutine_handle<>) { throw std::runtime_error("no"); }
  void await_resume() {}
};
[[gnu::noinline]] Manual insists() {
  co_await Declines{};
  try {
    co_await Throws{};
  } catch (const std::runtime_error&) {
  }
  co_await std::suspend_always{};
}
/// Awaiting that does not suspend, or throws, leaves the task running.
void notSuspendedAfterAll() {
  Manual task = insists();
  task.handle.resume();
  task.handle.resume();
  task.handle.destroy();
}

std::mutex carried;
Detached carriesLock(Pool& pool, Done& done) {
  carried.lock();
  co_await pool.move();
  carried.unlock();
  done.count();
}
void lockCarriedOver() {
  Done done{.mutex = {}, .changed = {}, .left = 1};
  Pool pool(1);
  carriesLock(pool, done);
  done.wait();
}

[[gnu::noinline]] void leaveSuspended(bool keep) {
  Manual task = once();
  task.handle.resume();
  if (keep) kept = task.handle;
}
/// What calls left on the stack is written over.
[[gnu::noinline]] void clearStack() {
  volatile char room[8192];
  for (volatile char& each : room) each = 0;
}
void droppedWhileSuspended() {
  leaveSuspended(false);
  clearStack();
}
void keptWhileSuspended() {
  leaveSuspended(true);
  clearStack();
}

/// Goes on when another ends.
struct Ends {
  Lazy::promise_type& other;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) { other.awaiting = awaiting; }
  void await_resume() {}
};
[[gnu::noinline]] Lazy waitsFor(std::coroutine_handle<Lazy::promise_type>* other) {
  co_await Ends{other->promise()};
  co_return 0;
}
[[gnu::noinline]] void startBoth() {
  static std::coroutine_handle<Lazy::promise_type> first, second;
  Lazy one = waitsFor(&second), other = waitsFor(&first);
  first = std::exchange(one.handle, {});
  second = std::exchange(other.handle, {});
  first.resume();
  second.resume();
  first = second = {};
}
void awaitingEachOther() {
  startBoth();
  clearStack();
}

const Story kStories[] = {
    {"droppedWhileSuspended", droppedWhileSuspended},
    {"keptWhileSuspended", keptWhileSuspended},
    {"awaitingEachOther", awaitingEachOther},
    {"generated", generated},
    {"abandoned", abandoned},
    {"resumedWhileRunning", resumedWhileRunning},
    {"resumedAfterEnd", resumedAfterEnd},
    {"resumedAfterDestruction", resumedAfterDestruction},
    {"resumedAfterManyLives", resumedAfterManyLives},
    {"resumedAfterOthersEnded", resumedAfterOthersEnded},
    {"resumedByTwoInTurn", resumedByTwoInTurn},
    {"variableOfATaskIsShared", variableOfATaskIsShared},
    {"destroyedTwice", destroyedTwice},
    {"destroyedWhileRunning", destroyedWhileRunning},
    {"wandering", wandering},
    {"racingTasks", racingTasks},
    {"racingLeaves", racingLeaves},
    {"guardedTasks", guardedTasks},
    {"notSuspendedAfterAll", notSuspendedAfterAll},
    {"lockCarriedOver", lockCarriedOver},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
