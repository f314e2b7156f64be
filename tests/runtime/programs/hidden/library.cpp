#include "library.h"

#include <sched.h>

#include <cstddef>
#include <exception>

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

spinlock queueLock;
context* first;
context* last;
thread_local context* running;

[[gnu::noinline]] context*& runningHere() { return running; }

}  // namespace

void spinlock::lock() {
  while (taken_.exchange(true, std::memory_order_acquire)) sched_yield();
}
void spinlock::unlock() { taken_.store(false, std::memory_order_release); }

context* take() {
  queueLock.lock();
  context* next = first;
  if (next != nullptr) first = next->next;
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

void context::suspend() { at = jump_fcontext(at, nullptr).from; }
void context::suspend(std::unique_lock<spinlock>& guard) {
  guard.unlock();
  at = jump_fcontext(at, nullptr).from;
}

Next context::terminate() {
  ended.store(true, std::memory_order_release);
  return {};
}

void scheduler::schedule(context* ready) {
  queueLock.lock();
  ready->next = nullptr;
  (first == nullptr ? first : last->next) = ready;
  last = ready;
  queueLock.unlock();
}

void scheduler::remote_ready2ready_() {}

void mutex::lock() {
  while (!take()) hidden::yield();
}
bool mutex::try_lock() { return take(); }
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

void yield() { context::active()->suspend(); }
void yieldLocked() {
  static boost::fibers::spinlock lock;
  std::unique_lock<boost::fibers::spinlock> guard(lock);
  context::active()->suspend(guard);
  if (guard.owns_lock()) std::terminate();
}

}  // namespace hidden
