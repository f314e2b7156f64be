// Real deadlocks, seen by the last thread that goes to sleep.
//
// Every thread enters what it waits for before it blocks and then looks whether it, and whoever it depends on, can ever
// go on. If all that is in the way are owners (locks, joins), the picture is exact: a blocked owner cannot release
// anything, so the answer stands. If it depends on nobody being left to wake somebody (conditions, semaphores, ...),
// threads that were woken but have not run yet still look blocked; then the kernel is asked twice whether all the others
// really slept in between, and on what; and a thread that arrives later takes the question over.
#include "runtime/detect/waits.h"

#include <pthread.h>

#include <cstdlib>

#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/wait_graph.h"
#include "runtime/detect/wait_objects.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

using protocol::ResourceKind;

/// Looks at our own books alone, while others may be about to run: the first at once, the others after pauses.
constexpr int kGlances = 4;
constexpr int kLateGlances = 3;
constexpr int kLooks = 14;
constexpr long kFirstPauseMicros = 100;
constexpr long kLongestPauseMicros = 200000;

SpinLock waitLock;
Thread* firstBlocked;
std::size_t blockedCount;
std::size_t threadCount = 1;  ///< Created and not ended; the main thread is never told.
std::size_t zombies;          ///< A main thread that called pthread_exit stays with the kernel to the end.
long unseenTasks;             ///< The kernel's threads beyond ours, when that was last why no answer could be had.
std::size_t retakingCount;    ///< How often a thread was seen to take a mutex again.
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

/// True if a thread was woken from a condition, has not run since, and no blocked thread keeps the mutex it takes then: it
/// asks for itself when it blocks. Nobody has to wait here until it runs, least of all with the mutex, which the
/// program's wait has not opened yet.
bool wokenOneGoesOn() {
  for (const Thread* thread = firstBlocked; thread != nullptr; thread = thread->wait.next) {
    const Resource& resource = thread->wait.resource;
    if (static_cast<ResourceKind>(resource.kind) != ResourceKind::Condition || !hasWoken(resource.address)) continue;
    Holders holders = holdersOf(resource.mutex);
    const Thread* owner = holders.owner < kEndedThread ? threadById(holders.owner) : nullptr;
    if (holders.owner != kEndedThread && (owner == nullptr || !owner->wait.blocked)) return true;
  }
  return false;
}

/// The one thread `self` waits for, null when it is not blocked or there is no such thread. `unsure` is set when the
/// answer is not that simple.
Thread* blockedOwner(const Thread* self, bool& unsure) {
  Resource resource = awaited(self);
  auto kind = static_cast<ResourceKind>(resource.kind);
  ThreadId owner = resource.target;
  if (kind != ResourceKind::Join) {
    Holders holders = holdersOf(resource.address);
    bool waking = kind > ResourceKind::Spinlock && holders.owner == kNoThread;
    unsure = waking ? blockedCount == threadCount && !wokenOneGoesOn()
                    : holders.shared != 0 || holders.owner == kEndedThread;
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

/// True if somebody outside may end a stuck thread's wait: a signal handler by a semaphore or a futex, another process
/// by a futex in shared memory.
bool openToOutside(const WaitPicture& picture) {
  for (std::size_t i = 0; i < picture.count; ++i) {
    const Resource& resource = picture.waiting[i].thread->wait.resource;
    auto kind = static_cast<ResourceKind>(resource.kind);
    bool futex = kind == ResourceKind::Futex || kind == ResourceKind::Future;
    if ((futex || kind == ResourceKind::Semaphore) && handlesSignals()) return true;
    if (futex && inSharedMemory(resource.address)) return true;
  }
  return false;
}

enum class Look { Glance, First, Second, Last };

/// True if what `self` waits for has come while it was asking.
bool wakesItself(const Thread* self) {
  const Resource& resource = self->wait.resource;
  return resource.word != nullptr && __atomic_load_n(resource.word, __ATOMIC_ACQUIRE) != resource.expected;
}

bool isMainTask() { return currentTask() == static_cast<int>(rawSyscall(SYS_getpid)); }

/// The kernel's threads beyond ours; an ending thread (`self` is null) is still one of them.
long tasksBeyondOurs(const Thread* self) {
  bool endingMain = self == nullptr && isMainTask();
  long ours = static_cast<long>(threadCount + zombies) + (self == nullptr && !endingMain ? 1 : 0);
  return taskCount() - ours;
}

bool isConditionFutex(Address futex, Address condition) {
  return futex >= condition && futex < condition + sizeof(pthread_cond_t);
}

/// False if the thread waits for a condition by our books, but the kernel has it elsewhere: it was woken, and waits for
/// the mutex. The next picture then says so.
bool sleepsOnItsCondition(WaitState& wait, Address futex) {
  const Resource& resource = wait.resource;
  if (static_cast<ResourceKind>(resource.kind) != ResourceKind::Condition || wait.retaking) return true;
  if (isConditionFutex(futex, resource.address)) return true;
  wait.retaking = futex >= resource.mutex && futex < resource.mutex + sizeof(pthread_mutex_t);
  if (wait.retaking) ++retakingCount;
  return false;
}

/// True if the kernel has every blocked thread but `self` asleep; on the second look, ever since the first.
bool allSleep(Look look, const Thread* self) {
  for (Thread* thread = firstBlocked; thread != nullptr; thread = thread->wait.next) {
    if (thread == self) continue;
    WaitState& wait = thread->wait;
    if (wait.asking) return false;
    TaskState state = taskState(wait.task);
    if (!state.asleep || !sleepsOnItsCondition(wait, state.futex)) return false;
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
  bool reporting = options.deadlocks;
  if (first && reporting) {
    reportDeadlock(picture, picture.stuck == threadCount);
    if (options.onDeadlock == OnDeadlock::Exit) endProcess(protocol::RunState::Deadlocked);
    if (options.onDeadlock == OnDeadlock::Abort) abort();
  }
  waitLock.unlock();
  if (reporting && options.onDeadlock != OnDeadlock::Report) sleepForEver();  // Another thread is ending the process.
}

enum class Answer { CanGoOn, AskAgain, AskAtOnce, Told };

/// The picture says that nobody is left to wake anybody: is it so?
Answer askKernel(const Thread* self, const WaitPicture& picture, Look look) {
  long beyond = tasksBeyondOurs(self);
  bool known = beyond > 0 && beyond == unseenTasks;
  if (known || openToOutside(picture)) return Answer::CanGoOn;
  std::size_t retaking = retakingCount;
  bool asleep = allSleep(look, self);
  if (retakingCount != retaking) return Answer::AskAtOnce;
  if (asleep && beyond == 0 && look != Look::First) return Answer::Told;
  if (look == Look::Last && beyond > 0) unseenTasks = beyond;
  return Answer::AskAgain;
}

/// One careful look. `self` is the thread that asks, null when it ends rather than blocks.
Answer lookOnce(const Thread* self, std::uint64_t arrival, Look look) {
  waitLock.lock();
  WaitPicture picture = takePicture(firstBlocked, blockedCount, blockedCount < threadCount || handlerMayWake());
  bool stuck = self != nullptr ? !wakesItself(self) && picture.waiters[self->wait.index].stuck : picture.stuck != 0;
  bool waking = stuck && (self == nullptr || dependsOnWaking(picture, self->wait.index));
  Answer answer = Answer::CanGoOn;
  if (stuck && !waking) {
    tellDeadlock(picture);
    return Answer::Told;
  }
  if (stuck && arrival == arrivals)
    answer = look == Look::Glance ? Answer::AskAgain : askKernel(self, picture, look);
  if (answer == Answer::Told)
    tellDeadlock(picture);
  else
    waitLock.unlock();
  return answer;
}

/// A look, and at once another as long as it makes the picture better.
Answer ask(const Thread* self, std::uint64_t arrival, Look look) {
  Answer answer = lookOnce(self, arrival, look);
  while (answer == Answer::AskAtOnce) answer = lookOnce(self, arrival, Look::First);
  return answer;
}

/// Most questions answer themselves as soon as a thread that was just woken gets to run, so the first looks are cheap.
void lookUntilSure(const Thread* self, std::uint64_t arrival) {
  for (int i = 0; i < kGlances; ++i) {
    if (ask(self, arrival, Look::Glance) != Answer::AskAgain) return;
    giveWay();
  }
  long pause = kFirstPauseMicros;
  for (int i = 0; i < kLateGlances; ++i) {
    sleepMicros(pause);
    if (ask(self, arrival, Look::Glance) != Answer::AskAgain) return;
  }
  for (int i = 0; i < kLooks; ++i) {
    if (ask(self, arrival, Look::First) != Answer::AskAgain) return;
    sleepMicros(pause);
    if (ask(self, arrival, i + 1 < kLooks ? Look::Second : Look::Last) != Answer::AskAgain) return;
    pause = pause * 2 < kLongestPauseMicros ? pause * 2 : kLongestPauseMicros;
  }
}

}  // namespace

void blockBegin(Thread* self, Address pc, const Resource& resource) {
  RuntimeScope scope;
  WaitState& wait = self->wait;
  Context context = currentContext(self);
  std::uint64_t arrival;
  {
    SpinGuard guard(waitLock);
    if (wait.blocked) unlink(self);
    wait.blocked = true;
    wait.resource = resource;
    wait.pc = pc;
    wait.context = context;
    wait.task = currentTask();
    wait.slept = false;
    wait.retaking = false;
    link(self);
    arrival = ++arrivals;
    if (!mayBeStuck(self)) return;
    wait.asking = !scheduleControlled;
  }
  if (scheduleControlled) {  // Who was woken and has not run yet is known to the engine, which also sees when nobody can.
    lookOnce(self, arrival, Look::Glance);
    return;
  }
  lookUntilSure(self, arrival);
  SpinGuard guard(waitLock);
  wait.asking = false;
}

void blockEnd(Thread* self) {
  RuntimeScope scope;
  SpinGuard guard(waitLock);
  if (!self->wait.blocked) return;
  self->wait.blocked = false;
  unlink(self);
}

const Thread* firstBlockedThread() { return firstBlocked; }

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
    if (scheduleControlled || blockedCount == 0 || blockedCount != threadCount || wokenOneGoesOn()) return;
    arrival = ++arrivals;
  }
  lookUntilSure(nullptr, arrival);
}

void reportNobodyGoesOn() {
  RuntimeScope scope;
  waitLock.lock();
  tellDeadlock(takePicture(firstBlocked, blockedCount, false));
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

bool isBeingJoined(ThreadId target) {
  RuntimeScope scope;
  SpinGuard guard(waitLock);
  for (const Thread* thread = firstBlocked; thread != nullptr; thread = thread->wait.next) {
    const Resource& resource = thread->wait.resource;
    if (static_cast<ResourceKind>(resource.kind) == ResourceKind::Join && resource.target == target) return true;
  }
  return false;
}

void waitsBeforeFork() { waitLock.lock(); }
void waitsAfterFork() { waitLock.unlock(); }

void resetWaitsAfterFork(Thread* self) {
  waitLock.reset();
  firstBlocked = nullptr;
  blockedCount = 0;
  threadCount = 1;
  zombies = 0;
  self->wait.blocked = false;
}

}  // namespace deadheat::rt
