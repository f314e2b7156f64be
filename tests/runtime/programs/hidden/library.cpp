#include "library.h"

#include <sched.h>

#include <cstddef>
#include <deque>

extern "C" {
struct Transfer {
  void* from;
  void* data;
};
void* make_fcontext(void* top, std::size_t size, void (*function)(Transfer));
Transfer jump_fcontext(void* to, void* data);
}

namespace boost {
namespace fibers {
namespace {

constexpr std::size_t kStack = 64 * 1024;

class Spinlock {
 public:
  void lock() {
    while (taken_.exchange(true, std::memory_order_acquire)) sched_yield();
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

Spinlock queueLock;
std::deque<context*> queue;
thread_local context* running;

[[gnu::noinline]] context*& runningHere() { return running; }

}  // namespace

context* take() {
  queueLock.lock();
  context* next = nullptr;
  if (!queue.empty()) {
    next = queue.front();
    queue.pop_front();
  }
  queueLock.unlock();
  return next;
}

context::context(void (*body)(void*), void* data) : body(body), data(data), stack(new char[kStack]) {
  at = make_fcontext(stack + kStack, kStack, [](Transfer transfer) {
    auto* self = static_cast<context*>(transfer.data);
    self->at = transfer.from;
    self->body(self->data);
    self->terminate();
    jump_fcontext(self->at, nullptr);
  });
}

context* context::active() { return runningHere(); }

void context::resume() {
  runningHere() = this;
  at = jump_fcontext(at, this).from;
  runningHere() = nullptr;
}

void context::join() {
  while (!ended.load(std::memory_order_acquire)) sched_yield();
}

Next context::terminate() {
  ended.store(true, std::memory_order_release);
  return {};
}

void scheduler::schedule(context* ready) {
  queueLock.lock();
  queue.push_back(ready);
  queueLock.unlock();
}

void scheduler::remote_ready2ready_() {}

void mutex::lock() {
  while (!try_lock()) hidden::yield();
}
bool mutex::try_lock() { return taken_.exchange(1, std::memory_order_acquire) == 0; }
void mutex::unlock() { taken_.store(0, std::memory_order_release); }

}  // namespace fibers
}  // namespace boost

namespace hidden {

context* start(void (*body)(void*), void* data) {
  auto* made = new context(body, data);
  boost::fibers::scheduler().schedule(made);
  return made;
}

void carryUntil(bool (*enough)()) {
  while (!enough()) {
    boost::fibers::scheduler().remote_ready2ready_();
    context* next = boost::fibers::take();
    if (next == nullptr) {
      sched_yield();
      continue;
    }
    next->resume();
    if (!next->ended.load(std::memory_order_acquire)) boost::fibers::scheduler().schedule(next);
  }
}

void yield() {
  context* self = context::active();
  self->at = jump_fcontext(self->at, nullptr).from;
}

}  // namespace hidden
