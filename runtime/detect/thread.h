// Everything the runtime knows of one thread, and how it is found from the thread itself.
//
// Threads come from pages of our own and are used again once a thread has ended and was joined or detached, so a
// pointer to one is good until then; a ThreadId is never used twice. All-zero bytes but for what threadCreate sets.
#pragma once

#include <cstddef>

#include "runtime/core.h"
#include "runtime/detect/call_stack.h"
#include "runtime/detect/clock.h"
#include "runtime/detect/lock_state.h"
#include "runtime/detect/shadow_cell.h"
#include "runtime/detect/wait_state.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/protocol.h"
#include "runtime/schedule/plan_state.h"

namespace deadheat::rt {

/// What all threads without a state of their own have for one, as far as code in line is concerned.
struct StatelessCalls {
  ThreadId id;
  Context noContext;
  struct Task* running;
  CallStack calls;
};

struct Thread {
  // What every access reads.
  std::uint64_t epochKey;     ///< Slot and epoch as a shadow cell has them.
  std::uint32_t ignoreDepth;  ///< Not 0: plain accesses do not count (AnnotateIgnore...).
  std::uint32_t ignoreSyncDepth;
  Slot slot;
  Clock clock;  ///< Its own entry is the current epoch.
  // Code in line finds these by way of what it knows of `calls` (detect/tasks.h).
  ThreadId id;
  Context noContext;     ///< 0.
  struct Task* running;  ///< The coroutine it is in, or null.
  CallStack calls;

  // Fences.
  Clock releaseFence;    ///< The clock at the last release fence; relaxed stores publish it.
  Key releaseFenceKey;   ///< Slot and epoch then.
  Clock pendingAcquire;  ///< What relaxed loads have read since; an acquire fence takes it.

  // Identity.
  ThreadId parent;
  Address entry;
  Context createdContext;
  Address createdPc;
  protocol::ThreadRecord* record;  ///< In the recording; name and osId are filled in later.
  Address stackLow;                ///< Bounds of its stack, 0 when unknown.
  Address stackHigh;
  Address tlsLow;  ///< Bounds of its thread-local variables, which may lie within its stack.
  Address tlsHigh;
  std::uint64_t accesses;
  std::uint32_t lateHits;  ///< Accesses that were remembered where code in line does not look.
  std::uint32_t life;      ///< Bits of ThreadLife.
  bool fiber;
  bool tasksTold;  ///< The recording says which coroutines it is in.
  int task;        ///< The kernel's number of the thread it began on.
  Thread* nextFree;
  static constexpr std::size_t kTasksAtHand = 64;
  struct Task*
      tasksAtHand[kTasksAtHand];  ///< That it used last, by frame; another's by now where the frame is another.
  struct Fiber* fiberCarried;     ///< What it runs instead of its own stack, or null (detect/fibers.h). While it does,
  CallPosition ownCalls;          ///< where it was on its own,
  struct Task* ownRunning;        ///< and in which task,
  SiteFrames ownSiteFrames;       ///< and at which sites of the plan,
  GrowingArray<Held> ownFiberLocks;  ///< and which locks of fibers it held.
  bool inLibrary;  ///< In one that holds what others would wait for out of sight: no point of a controlled run.
  std::uint32_t* lockedHead;      ///< List of sync objects that it locks or has locked (detect/sync_table.cpp).

  // What the other verbs know; filled by detect/locks.cpp, detect/waits.cpp and schedule/.
  LockState locks;
  WaitState wait;
  PlanState plan;

  // Freed blocks that stay for a while (intercept/allocation.cpp).
  static constexpr std::uint32_t kKeptBlocks = 32;
  void* keptBlocks[kKeptBlocks];
  std::uint32_t keptAt;

  // Handlers of signals (intercept/signals.cpp).
  std::uint32_t handlerDepth;
  int handlerSignal;
  Address handlerFrame;  ///< Stack pointer of the innermost one.
  // Requests to ignore accesses that were not taken back, and where the first of them were made.
  static constexpr std::uint32_t kIgnoresShown = 2;
  std::uint32_t ignoreRequests;
  std::uint32_t ignoresMade;
  Context ignoreContext[kIgnoresShown];
  Address ignorePc[kIgnoresShown];
  // The last sleep; pc 0: none.
  Clock sleepClock;  ///< What every thread had done by then.
  Context sleepContext;
  Address sleepPc;

  Epoch epoch() const { return epochOf(epochKey); }
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"  // Both compilers lay it out as it stands.
static_assert(offsetof(Thread, calls) - offsetof(Thread, id) == 16);
static_assert(offsetof(Thread, calls) - offsetof(Thread, running) == 8);
#pragma GCC diagnostic pop
static_assert(offsetof(StatelessCalls, calls) == 16 && offsetof(StatelessCalls, running) == 8);

enum ThreadLife : std::uint32_t { kFinished = 1, kReleased = 2 };

/// Null whenever an access needs more than the shadow check: before the thread has a state, inside the runtime, and
/// always when a plan is active or accesses are counted.
extern __thread Thread* fastThread __attribute__((tls_model("initial-exec")));
/// The state of this thread, also inside the runtime.
extern __thread Thread* ownThread __attribute__((tls_model("initial-exec")));
/// Not 0 inside the runtime.
extern __thread std::uint32_t insideDepth __attribute__((tls_model("initial-exec")));

/// While one lives, currentThread() is null in this thread: whatever libc or a signal handler calls back is not looked
/// at. Around every part of the runtime that takes a lock or calls libc. May nest.
class RuntimeScope {
 public:
  RuntimeScope() : fast_(fastThread), depth_(insideDepth) {
    fastThread = nullptr;
    insideDepth = depth_ + 1;
    __asm__ volatile("" ::: "memory");
  }
  ~RuntimeScope() {
    __asm__ volatile("" ::: "memory");
    insideDepth = depth_;
    fastThread = fast_;
  }
  RuntimeScope(const RuntimeScope&) = delete;
  RuntimeScope& operator=(const RuntimeScope&) = delete;

 private:
  Thread* fast_;
  std::uint32_t depth_;
};

/// True while a timer runs whose handler could wake a thread that waits.
bool handlerMayWake();
/// Whether the calling thread is in a handler of a signal that it has not jumped out of.
bool inSignalHandler(const Thread* self);

/// True once initialize() has finished.
extern bool runtimeUp;

/// A state that runs on whatever thread switches to it: a fiber. Starts after everything its creator did.
Thread* fiberCreate(Thread* creator, Address pc);
/// The calling thread goes on as `target`. With `ordered`, everything so far happens before what follows.
void fiberSwitch(Thread* self, Thread* target, bool ordered);
void fiberDestroy(Thread* self, Thread* fiber);

/// The calling thread is `thread` from now on; null: it is none any more.
void becomeThread(Thread* thread);
/// Makes a state for the calling thread, which no interceptor saw being created. For initialize() it is the main
/// thread.
Thread* adoptThread();
/// In the child of a fork: everybody but `self` ended before.
void threadsForked(Thread* self);
SpinLock& threadRegistryLock();

/// Runs `visit(thread, argument)` on every state that is in use. Holds the registry's lock meanwhile.
void forEachThread(void (*visit)(Thread*, void*), void* argument);

}  // namespace deadheat::rt
