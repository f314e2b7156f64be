// Fibers on make_fcontext, jump_fcontext and ontop_fcontext, the interface of Boost.Context. No library has them here,
// so that the runtime's own do the work.
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "stories.h"

extern "C" {
struct Transfer {
  void* from;
  void* data;
};
void* make_fcontext(void* top, std::size_t size, void (*function)(Transfer));
Transfer jump_fcontext(void* to, void* data);
Transfer ontop_fcontext(void* to, void* data, Transfer (*function)(Transfer));
}

namespace {

constexpr std::size_t kStack = 64 * 1024;  // Small enough for the C library to keep the pages.

/// Runs until it is done; whoever resumes it carries it meanwhile.
class Fiber {
 public:
  explicit Fiber(std::function<void(Fiber&)> body)
      : stack_(new char[kStack]), body_(std::move(body)), at_(make_fcontext(stack_.get() + kStack, kStack, enter)) {}

  void resume() { at_ = jump_fcontext(at_, this).from; }
  void yield() { at_ = jump_fcontext(at_, nullptr).from; }
  bool ended() const { return ended_; }
  /// The stack is given back while the fiber that had it is left: that is how a fiber ends.
  void resumeToItsEnd() {
    resume();
    stack_.reset();
  }
  /// Throws in the fiber, where it was suspended.
  void cancel() { at_ = ontop_fcontext(at_, this, fail).from; }

 private:
  static void enter(Transfer transfer) {
    auto* self = static_cast<Fiber*>(transfer.data);
    self->at_ = transfer.from;
    try {
      self->body_(*self);
    } catch (const std::runtime_error&) {
      std::puts("cancelled");
    }
    self->ended_ = true;
    jump_fcontext(self->at_, nullptr);
  }
  static Transfer fail(Transfer transfer) {
    static_cast<Fiber*>(transfer.data)->at_ = transfer.from;
    throw std::runtime_error("cancelled");
  }

  std::unique_ptr<char[]> stack_;
  std::function<void(Fiber&)> body_;
  void* at_;
  bool ended_ = false;
};

/// Carriers take fibers from one queue, each runs until it yields or ends.
class Scheduler {
 public:
  void add(std::function<void(Fiber&)> body) {
    fibers_.push_back(std::make_unique<Fiber>(std::move(body)));
    ready_.push_back(fibers_.back().get());
  }
  void carry() {
    while (Fiber* next = take()) {
      next->resume();
      if (!next->ended()) give(next);
    }
  }

 private:
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

[[gnu::noinline]] int deep(Fiber& fiber, int levels) {
  if (levels == 0) {
    fiber.yield();
    return 1;
  }
  return deep(fiber, levels - 1) + 1;
}
void digs(Fiber& fiber) {
  for (int i = 0; i < 50; ++i)
    if (deep(fiber, i % 7) != i % 7 + 1) std::puts("wrong");
}
void wandering() {
  Scheduler scheduler;
  for (int i = 0; i < 8; ++i) scheduler.add(digs);
  std::vector<std::thread> carriers;
  for (int i = 0; i < 3; ++i) carriers.emplace_back([&] { scheduler.carry(); });
  for (std::thread& carrier : carriers) carrier.join();
}

int shared;
[[gnu::noinline]] void bump() { ++shared; }
void bumps(Fiber& fiber) {
  for (int i = 0; i < 20; ++i) {
    fiber.yield();
    bump();
  }
}
void runAlone(void (*body)(Fiber&)) {
  Fiber fiber(body);
  while (!fiber.ended()) fiber.resume();
}
/// Both carriers run for sure, each with a fiber of its own.
void racing() {
  std::thread carrier([] { runAlone(bumps); });
  runAlone(bumps);
  carrier.join();
}
void notRacingOnOneThread() {
  Scheduler scheduler;
  scheduler.add(bumps);
  scheduler.add(bumps);
  scheduler.carry();
}

/// A fiber that was left on one thread goes on on another, which nothing orders.
void handedOverWithoutOrder() {
  static Fiber* given;
  std::thread carrier([] {
    Fiber* fiber;
    while ((fiber = __atomic_load_n(&given, __ATOMIC_RELAXED)) == nullptr) std::this_thread::yield();
    fiber->resume();
  });
  Fiber fiber([](Fiber& self) {
    bump();
    self.yield();
    bump();
  });
  fiber.resume();
  __atomic_store_n(&given, &fiber, __ATOMIC_RELAXED);
  carrier.join();
}

void cancelled() {
  for (int i = 0; i < 3; ++i) {
    Fiber fiber([](Fiber& self) { deep(self, 5); });
    fiber.resume();
    fiber.cancel();
    if (!fiber.ended()) std::puts("wrong");
  }
}

/// The pages of a fiber's stack become another thread's.
void stackBecomesAThreads() {
  for (int i = 0; i < 20; ++i) {
    void* pages = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void* at = make_fcontext(static_cast<char*>(pages) + kStack, kStack,
                             [](Transfer transfer) { jump_fcontext(transfer.from, nullptr); });
    jump_fcontext(at, nullptr);
    munmap(pages, kStack);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    void* again = mmap(pages, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    pthread_attr_setstack(&attributes, again, kStack);
    pthread_t thread;
    auto run = [](void*) -> void* {
      runAlone(bumps);
      return nullptr;
    };
    if (pthread_create(&thread, &attributes, run, nullptr) != 0) std::puts("wrong");
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    munmap(again, kStack);
  }
}

/// A use of what lay on the stack of a fiber, after that was given back.
void usesTheStackOfTheDead() {
  static int* kept;
  Fiber fiber([](Fiber&) {
    int local = 1;
    kept = &local;
    bump();
  });
  fiber.resumeToItsEnd();
  *kept = 2;
}

/// So near to the end of its stack that what lies above is no memory.
void atTheEndOfItsStack() {
  char* pages = static_cast<char*>(mmap(nullptr, 3 * kStack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char* stack = pages + kStack;
  mprotect(stack, kStack, PROT_READ | PROT_WRITE);
  void* at = make_fcontext(stack + kStack, kStack, [](Transfer transfer) {
    int numbers[] = {3, 1, 2};
    // The C library calls memcpy or malloc, and nothing that is instrumented.
    qsort(numbers, 3, sizeof(int),
          [](const void* a, const void* b) { return *static_cast<const int*>(a) - *static_cast<const int*>(b); });
    std::free(std::calloc(1, 100));
    std::printf("%d\n", numbers[0]);
    jump_fcontext(transfer.from, nullptr);
  });
  jump_fcontext(at, nullptr);
  munmap(pages, 3 * kStack);
}

const Story kStories[] = {
    {"wandering", wandering},
    {"racing", racing},
    {"notRacingOnOneThread", notRacingOnOneThread},
    {"handedOverWithoutOrder", handedOverWithoutOrder},
    {"cancelled", cancelled},
    {"stackBecomesAThreads", stackBecomesAThreads},
    {"usesTheStackOfTheDead", usesTheStackOfTheDead},
    {"atTheEndOfItsStack", atTheEndOfItsStack},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
