// Real deadlocks, seen by the last thread that goes to sleep.
//
// Every thread enters what it waits for before it blocks and then looks whether it, and whoever it depends on, can ever
// go on. If all that is in the way are owners (locks, joins), the picture is exact: a blocked owner cannot release
// anything, so the answer stands. If it depends on nobody being left to wake somebody (conditions, semaphores, ...),
// threads that were woken but have not run yet still look blocked; then the kernel is asked twice whether all the others
// really slept in between, and a thread that arrives later takes the question over.
#include "runtime/detect/waits.h"

#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/wait_graph.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

using protocol::ResourceKind;

constexpr int kLooks = 12;
constexpr long kFirstPauseMicros = 500;
constexpr long kLongestPauseMicros = 200000;

SpinLock waitLock;
Thread* firstBlocked;
std::size_t blockedCount;
std::size_t threadCount = 1;  ///< Created and not ended; the main thread is never told.
std::size_t zombies;          ///< A main thread that called pthread_exit stays with the kernel to the end.
long unseenTasks;             ///< The kernel's threads beyond ours, when that was last why no answer could be had.
std::uint64_t arrivals;
bool told;  ///< Guarded by waitLock, as all of these.

void link(Thread* self) {
  self->wait.previous = nullptr;
  self->wait.next = firstBlocked;
  if (firstBlocked != nullptr) firstBlocked->wait.previous = self;
  firstBlocked = self;
  ++blockedCount;
}

void unlink(Thread* self) {
  WaitState& wait = self->wait;
  (wait.previous != nullptr ? wait.previous->wait.next : firstBlocked) = wait.next;
  if (wait.next != nullptr) wait.next->wait.previous = wait.previous;
  --blockedCount;
}

/// The one thread `self` waits for, null when it is not blocked or there is no such thread. `unsure` is set when the
/// answer is not that simple.
Thread* blockedOwner(const Thread* self, bool& unsure) {
  const Resource& resource = self->wait.resource;
  auto kind = static_cast<ResourceKind>(resource.kind);
  ThreadId owner = resource.target;
  if (kind != ResourceKind::Join) {
    Holders holders = holdersOf(resource.address);
    bool waking = kind > ResourceKind::Spinlock && holders.owner == kNoThread;
    unsure = waking ? blockedCount == threadCount : holders.shared != 0 || holders.owner == kEndedThread;
    owner = holders.owner;
  }
  if (unsure || owner >= kEndedThread) return nullptr;
  Thread* thread = threadById(owner);
  return thread != nullptr && thread->wait.blocked ? thread : nullptr;
}

/// The quick look: follows owners until one is not blocked. Nearly always that is the first.
bool mayBeStuck(const Thread* self) {
  const Thread* thread = self;
  for (std::size_t steps = 0; steps <= blockedCount; ++steps) {
    bool unsure = false;
    thread = blockedOwner(thread, unsure);
    if (unsure) return true;
    if (thread == nullptr) return false;
  }
  return true;
}

/// True if a stuck thread waits for something that a signal handler, too, may give.
bool waitsForSignal(const WaitPicture& picture) {
  for (std::size_t i = 0; i < picture.count; ++i) {
    auto kind = static_cast<ResourceKind>(picture.waiting[i].thread->wait.resource.kind);
    if (kind == ResourceKind::Semaphore || kind == ResourceKind::Futex || kind == ResourceKind::Future) return true;
  }
  return false;
}

enum class Look { First, Second, Last };

bool isMainTask() { return currentTask() == static_cast<int>(rawSyscall(SYS_getpid)); }

/// The kernel's threads beyond ours; an ending thread (`self` is null) is still one of them.
long tasksBeyondOurs(const Thread* self) {
  bool endingMain = self == nullptr && isMainTask();
  long ours = static_cast<long>(threadCount + zombies) + (self == nullptr && !endingMain ? 1 : 0);
  return taskCount() - ours;
}

/// True if the kernel has every blocked thread but `self` asleep; on the second look, ever since the first.
bool allSleep(Look look, const Thread* self) {
  for (Thread* thread = firstBlocked; thread != nullptr; thread = thread->wait.next) {
    if (thread == self) continue;
    WaitState& wait = thread->wait;
    TaskState state = taskState(wait.task);
    if (!state.asleep) return false;
    if (look != Look::First && (!wait.slept || wait.timesSlept != state.timesSlept)) return false;
    wait.slept = true;
    wait.timesSlept = state.timesSlept;
  }
  return true;
}

[[noreturn]] void sleepForEver() {
  for (;;) sleepMicros(1000000);
}

/// Called with waitLock held; returns with it released.
void tellDeadlock(const WaitPicture& picture) {
  bool first = !told;
  told = true;
  if (first && options.deadlocks) {
    reportDeadlock(picture, picture.stuck == threadCount);
    endProcess(protocol::RunState::Deadlocked);
  }
  waitLock.unlock();
  if (options.deadlocks) sleepForEver();  // Another thread is ending the process.
}

enum class Answer { CanGoOn, AskAgain, Told };

/// One careful look. `self` is the thread that asks, null when it ends rather than blocks.
Answer lookOnce(const Thread* self, std::uint64_t arrival, Look look) {
  waitLock.lock();
  WaitPicture picture = takePicture(firstBlocked, blockedCount, blockedCount < threadCount);
  bool stuck = self != nullptr ? self->wait.blocked && picture.waiters[self->wait.index].stuck : picture.stuck != 0;
  bool waking = stuck && (self == nullptr || dependsOnWaking(picture, self->wait.index));
  Answer answer = Answer::CanGoOn;
  if (stuck && !waking) {
    tellDeadlock(picture);
    return Answer::Told;
  }
  long beyond = stuck ? tasksBeyondOurs(self) : 0;
  bool known = beyond > 0 && beyond == unseenTasks;
  if (stuck && !known && arrival == arrivals && !(waitsForSignal(picture) && handlesSignals())) {
    if (allSleep(look, self) && beyond == 0 && look != Look::First) {
      tellDeadlock(picture);
      return Answer::Told;
    }
    if (look == Look::Last && beyond > 0) unseenTasks = beyond;
    answer = Answer::AskAgain;
  }
  waitLock.unlock();
  return answer;
}

/// Forgets earlier looks, since a thread may have run and slept again in between.
void lookUntilSure(const Thread* self, std::uint64_t arrival) {
  long pause = kFirstPauseMicros;
  for (int i = 0; i < kLooks; ++i) {
    if (lookOnce(self, arrival, Look::First) != Answer::AskAgain) return;
    sleepMicros(pause);
    if (lookOnce(self, arrival, i + 1 < kLooks ? Look::Second : Look::Last) != Answer::AskAgain) return;
    pause = pause * 2 < kLongestPauseMicros ? pause * 2 : kLongestPauseMicros;
  }
}

}  // namespace

void blockBegin(Thread* self, Address pc, const Resource& resource) {
  RuntimeScope scope;
  WaitState& wait = self->wait;
  std::uint64_t arrival;
  {
    SpinGuard guard(waitLock);
    if (wait.blocked) unlink(self);
    wait.blocked = true;
    wait.resource = resource;
    wait.pc = pc;
    wait.context = currentContext(self);
    wait.task = currentTask();
    wait.slept = false;
    link(self);
    arrival = ++arrivals;
    if (!mayBeStuck(self)) return;
  }
  lookUntilSure(self, arrival);
}

void blockEnd(Thread* self) {
  RuntimeScope scope;
  SpinGuard guard(waitLock);
  if (!self->wait.blocked) return;
  self->wait.blocked = false;
  unlink(self);
}

void waitThreadCreated() {
  RuntimeScope scope;
  SpinGuard guard(waitLock);
  ++threadCount;
}

void waitThreadFailed() {
  RuntimeScope scope;
  SpinGuard guard(waitLock);
  --threadCount;
}

void waitThreadEnded(Thread* self) {
  RuntimeScope scope;
  blockEnd(self);
  std::uint64_t arrival;
  {
    SpinGuard guard(waitLock);
    --threadCount;
    if (isMainTask()) ++zombies;
    if (blockedCount == 0 || blockedCount != threadCount) return;
    arrival = ++arrivals;
  }
  lookUntilSure(nullptr, arrival);
}

std::size_t threadsNotBlocked() {
  SpinGuard guard(waitLock);
  return threadCount - blockedCount;
}

bool joinIsMutual(Thread* self, ThreadId target) {
  RuntimeScope scope;
  SpinGuard guard(waitLock);
  const Thread* other = threadById(target);
  return other == self || (other != nullptr && other->wait.blocked &&
                           static_cast<ResourceKind>(other->wait.resource.kind) == ResourceKind::Join &&
                           other->wait.resource.target == threadId(self));
}

void resetWaitsAfterFork(Thread* self) {
  waitLock.reset();
  firstBlocked = nullptr;
  blockedCount = 0;
  threadCount = 1;
  zombies = 0;
  self->wait.blocked = false;
}

}  // namespace deadheat::rt
