// Fibers on the C library's contexts: one thread or many carry them.
#include <ucontext.h>

#include <csetjmp>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "stories.h"

namespace {

constexpr std::size_t kStack = 128 * 1024;

/// Carriers take fibers from one queue, each runs until it yields or ends.
class Scheduler {
 public:
  struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[kStack]};
    void (*run)(Scheduler&) = nullptr;
    Scheduler* home = nullptr;
    bool ended = false;
  };

  void add(void (*run)(Scheduler&)) {
    auto& fiber = fibers_.emplace_back(new Fiber);
    fiber->run = run;
    fiber->home = this;
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack.get();
    fiber->context.uc_stack.ss_size = kStack;
    fiber->context.uc_link = nullptr;
    auto address = reinterpret_cast<unsigned long>(fiber.get());
    makecontext(&fiber->context, reinterpret_cast<void (*)()>(enter), 2, static_cast<unsigned>(address),
                static_cast<unsigned>(address >> 32));
    ready_.push_back(fiber.get());
  }
  void carry() {
    ucontext_t own;
    carrier() = &own;
    while (Fiber* next = take()) {
      current() = next;
      swapcontext(&own, &next->context);
      if (!next->ended) give(next);
    }
  }
  void yield() { swapcontext(&current()->context, carrier()); }

 private:
  // Not in line: what a fiber finds here depends on who carries it now.
  [[gnu::noinline]] static ucontext_t*& carrier() {
    static thread_local ucontext_t* carrier;
    return carrier;
  }
  [[gnu::noinline]] static Fiber*& current() {
    static thread_local Fiber* current;
    return current;
  }
  static void enter(unsigned low, unsigned high) {
    auto* self = reinterpret_cast<Fiber*>(low | static_cast<unsigned long>(high) << 32);
    self->run(*self->home);
    self->ended = true;
    setcontext(carrier());
  }
  Fiber* take() {
    std::lock_guard guard(mutex_);
    if (ready_.empty()) return nullptr;
    Fiber* next = ready_.front();
    ready_.pop_front();
    return next;
  }
  void give(Fiber* fiber) {
    std::lock_guard guard(mutex_);
    ready_.push_back(fiber);
  }
  std::mutex mutex_;
  std::deque<Fiber*> ready_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
};

void carryWith(Scheduler& scheduler, int threads) {
  std::vector<std::thread> carriers;
  for (int i = 0; i < threads; ++i) carriers.emplace_back([&] { scheduler.carry(); });
  for (std::thread& carrier : carriers) carrier.join();
}

[[gnu::noinline]] int deep(Scheduler& scheduler, int levels) {
  if (levels == 0) {
    scheduler.yield();
    return 1;
  }
  return deep(scheduler, levels - 1) + 1;
}
void digs(Scheduler& scheduler) {
  for (int i = 0; i < 50; ++i)
    if (deep(scheduler, i % 7) != i % 7 + 1) std::puts("wrong");
}
void wandering() {
  Scheduler scheduler;
  for (int i = 0; i < 8; ++i) scheduler.add(digs);
  carryWith(scheduler, 3);
}
void onOneThread() {
  Scheduler scheduler;
  for (int i = 0; i < 4; ++i) scheduler.add(digs);
  scheduler.carry();
}

int shared;
[[gnu::noinline]] void bump() { ++shared; }
void bumps(Scheduler& scheduler) {
  for (int i = 0; i < 20; ++i) {
    scheduler.yield();
    bump();
  }
}
/// Both carriers run for sure, each with a fiber of its own.
void racing() {
  Scheduler first, second;
  first.add(bumps);
  second.add(bumps);
  std::thread carrier([&] { second.carry(); });
  first.carry();
  carrier.join();
}
void notRacingOnOneThread() {
  Scheduler scheduler;
  scheduler.add(bumps);
  scheduler.add(bumps);
  scheduler.carry();
}

std::mutex resource;
void holdsAcrossYield(Scheduler& scheduler) {
  std::lock_guard guard(resource);
  scheduler.yield();
}
/// The second fiber waits for the first with the only thread that could carry it.
void blocksItsCarrier() {
  Scheduler scheduler;
  scheduler.add(holdsAcrossYield);
  scheduler.add(holdsAcrossYield);
  scheduler.carry();
}

/// Entered once by makecontext, then only by jumps.
jmp_buf inFiber, inMain;
int jumps;
[[gnu::noinline]] void jumpBack() {
  if (_setjmp(inFiber) == 0) _longjmp(inMain, 1);
}
void jumper() {
  for (;;) {
    ++jumps;
    jumpBack();
  }
}
void byJumps() {
  static ucontext_t context;
  auto stack = std::make_unique<char[]>(kStack);
  getcontext(&context);
  context.uc_stack.ss_sp = stack.get();
  context.uc_stack.ss_size = kStack;
  makecontext(&context, jumper, 0);
  if (_setjmp(inMain) == 0) setcontext(&context);
  static int left = 20;  // Not a local: a jump may give it its old value.
  while (left-- != 0)
    if (_setjmp(inMain) == 0) _longjmp(inFiber, 1);
  std::printf("%d jumps\n", jumps);
}

/// Ends by returning to its link.
int returned;
void returns() { ++returned; }
void linked() {
  static ucontext_t own, context;
  auto stack = std::make_unique<char[]>(kStack);
  for (int i = 0; i < 100; ++i) {
    getcontext(&context);
    context.uc_stack.ss_sp = stack.get();
    context.uc_stack.ss_size = kStack;
    context.uc_link = &own;
    makecontext(&context, returns, 0);
    swapcontext(&own, &context);
  }
  std::printf("%d returns\n", returned);
}

const Story kStories[] = {
    {"wandering", wandering},
    {"onOneThread", onOneThread},
    {"racing", racing},
    {"notRacingOnOneThread", notRacingOnOneThread},
    {"blocksItsCarrier", blocksItsCarrier},
    {"byJumps", byJumps},
    {"linked", linked},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
