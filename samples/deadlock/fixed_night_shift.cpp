// Fibers run on two threads. One waits for the gate, and finds it closed; when it is put on the list of those who wait,
// the gate is looked at once more.
#include <ucontext.h>

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

class Gate;

struct Fiber {
  ucontext_t context;
  void (*run)() = nullptr;
  Gate* waitsAt = nullptr;
  bool ended = false;
  alignas(16) char stack[64 * 1024];
};

// Runs fibers on whichever of its threads is free.
class Scheduler {
 public:
  void start(void (*run)()) {
    Fiber* fiber = fibers_.emplace_back(std::make_unique<Fiber>()).get();
    fiber->run = run;
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = sizeof(fiber->stack);
    fiber->context.uc_link = nullptr;
    makecontext(&fiber->context, enter, 0);
    makeReady(fiber);
  }

  void makeReady(Fiber* fiber) {
    std::lock_guard<std::mutex> lock(mu_);
    ready_.push_back(fiber);
    changed_.notify_one();
  }

  // One thread's part, until all fibers have ended.
  void carry();

  // For fibers: goes on once the gate is open.
  static void leaveFor(Gate* gate);

 private:
  struct Carrier {
    ucontext_t context;
    Fiber* fiber = nullptr;
  };

  // Not in line: which it is depends on who carries the fiber.
  [[gnu::noinline]] static Carrier& carrier() {
    static thread_local Carrier own;
    return own;
  }

  static void enter() {
    Fiber* self = carrier().fiber;
    self->run();
    self->ended = true;
    setcontext(&carrier().context);
  }

  Fiber* take() {
    std::unique_lock<std::mutex> lock(mu_);
    changed_.wait(lock, [this] { return !ready_.empty() || ended_ == fibers_.size(); });
    if (ready_.empty()) return nullptr;
    Fiber* next = ready_.front();
    ready_.pop_front();
    return next;
  }

  void noteEnd() {
    std::lock_guard<std::mutex> lock(mu_);
    if (++ended_ == fibers_.size()) changed_.notify_all();
  }

  std::mutex mu_;
  std::condition_variable changed_;
  std::deque<Fiber*> ready_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::size_t ended_ = 0;
};

Scheduler g_scheduler;

// Fibers wait here until it is opened.
class Gate {
 public:
  void wait() {
    if (!isOpen()) Scheduler::leaveFor(this);
  }

  void open() {
    std::lock_guard<std::mutex> lock(mu_);
    open_ = true;
    for (Fiber* each : waiting_) g_scheduler.makeReady(each);
    waiting_.clear();
  }

  // The fiber has been left, so that whoever opens the gate can have it go on.
  void add(Fiber* fiber) {
    std::lock_guard<std::mutex> lock(mu_);
    if (open_)
      g_scheduler.makeReady(fiber);
    else
      waiting_.push_back(fiber);
  }

 private:
  bool isOpen() {
    std::lock_guard<std::mutex> lock(mu_);
    return open_;
  }

  std::mutex mu_;
  bool open_ = false;
  std::vector<Fiber*> waiting_;
};

void Scheduler::carry() {
  while (Fiber* next = take()) {
    carrier().fiber = next;
    swapcontext(&carrier().context, &next->context);
    if (next->ended)
      noteEnd();
    else
      next->waitsAt->add(next);
  }
}

void Scheduler::leaveFor(Gate* gate) {
  Fiber* self = carrier().fiber;
  self->waitsAt = gate;
  swapcontext(&self->context, &carrier().context);
}

Gate g_morning;

int main() {
  g_scheduler.start([] {
    g_morning.wait();
    std::puts("good morning");
  });
  g_scheduler.start([] { g_morning.open(); });
  std::thread other([] { g_scheduler.carry(); });
  g_scheduler.carry();
  other.join();
  return 0;
}
