// pthread_once (std::call_once is built on it) and the guards of static locals.
//
// The initialiser is ordered before everyone who finds it done. Its runner is entered as the owner of the flag while it
// runs, so that an initialiser that waits for itself, or for a thread that waits for it, is seen as a deadlock.
#include "runtime/intercept/once.h"

#include "runtime/detect/locks.h"
#include "runtime/intercept/locking.h"
#include "runtime/platform/futex.h"
#include "runtime/record/report_hooks.h"
#include "runtime/schedule/events.h"

extern "C" void deadheat_call_and_then(void (*routine)(), void (*then)(void*), void* data);

namespace deadheat::rt {
namespace {

struct OnceCall {
  Thread* self;
  Address flag;
  void (*routine)();
};

/// The routine returned or threw; either way, who comes next comes after it.
void onceEnded(void* data) {
  const auto* call = static_cast<OnceCall*>(data);
  setOwner(call->flag, kNoThread);
  release(call->self, call->flag);
}

thread_local OnceCall pendingOnce;

void runOnce() {
  OnceCall call = pendingOnce;  // The routine may come back here for another flag.
  blockEnd(call.self);          // The one we waited for may have failed: now it is our turn.
  acquire(call.self, call.flag);
  setOwner(call.flag, threadId(call.self));
  deadheat_call_and_then(call.routine, onceEnded, &call);
}

constexpr int kOnceRunning = 1;  ///< glibc: bits of pthread_once_t.
constexpr int kOnceDone = 2;

// A guard is 64 bits: the compiler reads byte 0 (done), the rest is ours.
constexpr int kGuardDone = 1;
constexpr int kGuardRunning = 1 << 8;
constexpr int kGuardAwaited = 1 << 16;

/// True if the caller is to run the initialiser, false if it is done.
bool enterGuard(int* guard, Thread* self, Address pc) {
  for (;;) {
    int state = 0;
    if (__atomic_compare_exchange_n(guard, &state, kGuardRunning, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      return true;
    if ((state & kGuardDone) != 0) return false;
    int awaited = state | kGuardAwaited;
    if (state != awaited &&
        !__atomic_compare_exchange_n(guard, &state, awaited, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      continue;
    Resource running = resourceOf(protocol::ResourceKind::Once, guard, guard, awaited);
    if (self != nullptr && scheduleControlled) {
      scheduleWait(self, pc, running);
      continue;
    }
    if (self != nullptr) blockBegin(self, pc, running);
    futexWait(guard, awaited);
    if (self != nullptr) blockEnd(self);
  }
}

void leaveGuard(int* guard, int state) {
  if ((__atomic_exchange_n(guard, state, __ATOMIC_ACQ_REL) & kGuardAwaited) != 0) futexWakeAll(guard);
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, pthread_once, (pthread_once_t * flag, void (*routine)())) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_once(flag, routine);
  return runOnceOnly(self, DEADHEAT_CALLER_PC, flag, routine);
}

namespace deadheat::rt {

namespace {

/// In a controlled run: announces the call, and waits as long as another thread runs the initialiser.
void awaitRunner(Thread* self, Address pc, pthread_once_t* flag) {
  scheduleAnnounce(self, pc, Operation::Once, addressOf(flag));
  for (;;) {
    int state = __atomic_load_n(flag, __ATOMIC_ACQUIRE);
    if ((state & kOnceDone) != 0 || (state & kOnceRunning) == 0) return;
    scheduleWait(self, pc, resourceOf(protocol::ResourceKind::Once, flag, flag, state));
  }
}

}  // namespace

int runOnceOnly(Thread* self, Address pc, pthread_once_t* flag, void (*routine)()) {
  if (scheduleControlled) awaitRunner(self, pc, flag);
  pendingOnce = {self, addressOf(flag), routine};
  int state = __atomic_load_n(flag, __ATOMIC_ACQUIRE);
  bool waits = (state & kOnceDone) == 0 && (state & kOnceRunning) != 0;
  auto enter = [=] { return real_pthread_once(flag, runOnce); };
  int result = waits ? blocking(self, pc, resourceOf(protocol::ResourceKind::Once, flag, flag, state), enter)
                     : enter();
  acquire(self, addressOf(flag));
  return result;
}

}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, __cxa_guard_acquire, (int* guard)) {
  Thread* self = currentThread();
  if (self != nullptr && scheduleControlled)
    scheduleAnnounce(self, DEADHEAT_CALLER_PC, Operation::Once, addressOf(guard));
  blockingRegion(true);
  bool runs = enterGuard(guard, self, DEADHEAT_CALLER_PC);
  blockingRegion(false);
  if (self == nullptr) return runs ? 1 : 0;
  acquire(self, addressOf(guard));  // Also after initialisers that failed.
  if (runs) setOwner(addressOf(guard), threadId(self));
  return runs ? 1 : 0;
}

DEADHEAT_INTERCEPT(void, __cxa_guard_release, (int* guard)) {
  if (Thread* self = currentThread()) {
    setOwner(addressOf(guard), kNoThread);
    release(self, addressOf(guard));
    // What code in line reads; in a trace, a read comes after what wrote the value.
    constexpr std::uint32_t kAtomicWrite = protocol::kAccessAtomic | protocol::kAccessWrite;
    if (eventsRecorded) recordEvent(self, 0, protocol::EventKind::Access, addressOf(guard), 1, kAtomicWrite);
  }
  leaveGuard(guard, kGuardDone);
}

DEADHEAT_INTERCEPT(void, __cxa_guard_abort, (int* guard)) {
  if (Thread* self = currentThread()) {
    setOwner(addressOf(guard), kNoThread);
    release(self, addressOf(guard));
  }
  leaveGuard(guard, 0);
}
