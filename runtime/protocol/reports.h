// Records of what is reported: races, locks, deadlocks, misuse, what is slow. Part of runtime/protocol.h.
#pragma once

#include <cstdint>

#include "runtime/protocol/recording.h"

namespace deadheat::protocol {

enum AccessFlags : std::uint32_t {
  kAccessWrite = 1,
  kAccessAtomic = 2,
  kAccessFree = 4,   ///< free, delete, munmap.
  kAccessRange = 8,  ///< memcpy and the like.
  kAccessVptr = 16,
  kAccessFrame = 32,  ///< With kAccessFree: the end of a stack frame, or of a thread and its variables.
};

/// A lock as a record names it: its address and where it was first locked or initialised. Followed by nothing.
struct LockInfo {
  std::uint64_t address;
  std::uint64_t instance;    ///< Unique number of this lock object's lifetime in the run.
  std::uint64_t shared = 0;  ///< Not 0: held with others (only where a record lists held locks).
};

/// One side of a race. Followed by `heldCount` LockInfo, then a StackHeader and its counters.
struct RaceSide {
  std::uint32_t thread;
  std::uint32_t flags;  ///< AccessFlags.
  std::uint64_t address;
  std::uint64_t size;
  std::uint32_t site;  ///< Plan site, or ~0u.
  std::uint32_t heldCount;
  std::uint32_t
      task;  ///< Recorded, that the access is in; 0: none, or not known. Those of the later thread are told before.
  std::uint32_t reserved;
};

enum class RaceProof : std::uint32_t { Observed = 1, Caught = 2 };

/// What a race is on, as far as the runtime knows. Global variables are Unknown: symbols tell.
enum class Place : std::uint32_t {
  Unknown = 0,
  Heap = 1,         ///< A block; `address`, `size`, who allocated it, and the stack that did.
  Stack = 2,        ///< The stack of `thread`.
  ThreadLocal = 3,  ///< Thread-local variables of `thread`.
  OpenedFile = 4,   ///< Descriptor `address`, which `thread` opened, and the stack that did.
  ClosedFile = 5,   ///< Descriptor `address`, which `thread` closed last, and the stack that did.
};

struct PlaceInfo {
  Place place;
  std::uint32_t thread;
  std::uint64_t address;
  std::uint64_t size;
  std::uint32_t hasStack;  ///< Non-zero: the stack that made it is at the end of the record.
  std::uint32_t task;      ///< Heap: the block is this task's frame; 0: it is none.
};

/// A data race. Followed by two RaceSide (the later access first), then the stack of the place, if it has one, then, if
/// hasSleep, the stack of a sleep of the later thread that comes after the earlier access: all that orders the two.
struct RaceRecord {
  RecordHeader header;
  RaceProof proof;
  std::uint32_t hasSleep;
  PlaceInfo place;
};

/// A lock that reports name: where it was made, or first used if that was not seen. Before the first of them. Followed
/// by the stack.
struct LockRecord {
  RecordHeader header;
  std::uint64_t address;
  std::uint64_t instance;
  std::uint32_t thread;
  std::uint32_t reserved;
};

/// One edge of a cycle: `thread` took `wanted` while it held `held`. Followed by two stacks: where `held` was taken,
/// where `wanted` was.
struct LockEdge {
  std::uint32_t thread;
  std::uint32_t modes;  ///< Bit 0: held shared; bit 1: wanted shared.
  LockInfo held;
  LockInfo wanted;
};

/// A cycle in the lock order that could deadlock. Followed by `edgeCount` LockEdge with their stacks.
struct LockCycleRecord {
  RecordHeader header;
  std::uint32_t edgeCount;
  std::uint32_t reserved;
};

enum class TaskState : std::uint32_t {
  Running = 1,
  Suspended = 2,
  Ended = 3,  ///< Ran to its end; its frame is still there.
  Destroying = 4,
  Destroyed = 5,
};

/// A coroutine or fiber that the report to follow names, as it is now. Followed by three stacks, of which the last two
/// may be empty: where it was created, the innermost function of which is the coroutine itself; where it is suspended,
/// or was last; where it was last resumed, or destroyed.
struct TaskRecord {
  RecordHeader header;
  std::uint32_t task;     ///< Its number, from 1.
  std::uint32_t creator;  ///< The task that created it, or 0.
  std::uint32_t thread;   ///< The thread that did,
  std::uint32_t resumer;  ///< and the one that last resumed or destroyed it.
  TaskState state;
  std::uint32_t reserved;
  std::uint64_t entry;  ///< Of a fiber, whose creation stack does not begin in itself: its function; else 0.
};

/// Which tasks `thread` is in from here on, as far as reports need to know: the one that runs first, then who awaits
/// it, and so on, as far as can be seen. Followed by `count` numbers of 8 bytes, tasks that are recorded.
struct TaskStackRecord {
  RecordHeader header;
  std::uint32_t thread;
  std::uint32_t count;
};

enum class ResourceKind : std::uint32_t {
  None = 0,
  Mutex = 1,
  RwLockRead = 2,
  RwLockWrite = 3,
  Spinlock = 4,
  Condition = 5,
  Semaphore = 6,
  Barrier = 7,
  Once = 8,
  Join = 9,
  Future = 10,
  Futex = 11,
};

/// One stuck thread. Followed by the stack where it waits, then `heldCount` times a LockInfo and the stack where that
/// lock was taken.
struct DeadlockThread {
  std::uint32_t thread;
  ResourceKind wants;
  LockInfo resource;
  std::uint32_t owner;  ///< Thread that holds the resource, or ~0u.
  std::uint32_t heldCount;
};

/// Threads that wait for each other and can never go on. Followed by `threadCount` DeadlockThread, then by `taskCount`
/// numbers of 8 bytes: recorded tasks that are suspended and that nobody is left to resume.
struct DeadlockRecord {
  RecordHeader header;
  std::uint32_t threadCount;
  std::uint32_t everyThread;  ///< Non-zero: no thread of the process can go on.
  std::uint32_t taskCount;
  std::uint32_t reserved;
};

enum class MisuseKind : std::uint32_t {
  UnlockNotHeld = 1,
  UnlockByOther = 2,
  DestroyLocked = 3,
  ExitHoldingLock = 4,
  UseAfterDestroy = 5,
  LockTwice = 6,             ///< By the thread that holds it, which waits for itself.
  ShareLockExclusive = 7,    ///< Locked for reading by the thread that has it for writing.
  ShareUnlockExclusive = 8,  ///< The release for readers, of a lock held for writing.
  HeldWhereForbidden = 9,    ///< __tsan_check_no_mutexes_held.
  NeverMade = 10,            ///< Used, but no lock was made there (custom locks that say when they are made).
  DestroyWaited = 11,        ///< A condition, semaphore or barrier destroyed or freed while threads wait for it.
  WaitWithoutLock = 12,      ///< Of a condition, with a mutex the thread does not hold.
  ConditionTwoMutexes = 13,  ///< Waited for with a mutex while others wait with another.
  TakenByNobody = 14,        ///< Locked, though nobody locked it: copied while it was locked, or never initialised.
  HeldAcrossFork = 15,       ///< Wanted in the child of a fork, held by a thread that only the parent has.
  // No lock is involved from here on.
  ThreadLeaked = 32,     ///< `thread` ended and nobody joined or detached it. The stack created it.
  UnsafeInHandler = 33,  ///< Call in a handler of signal `detail` that such a handler must not make.
  ErrnoChanged = 34,     ///< The handler of signal `detail` left another errno. The stack is the handler.
  EndedIgnoring = 35,    ///< `thread` ended with accesses ignored; the stack is where that began.
  JoinTwice = 36,        ///< Joined or detached although that was done before.
  PromiseBroken = 37,    ///< Asked for the result of a promise that thread `detail` had destroyed without one.
  // At a Result of a plan only, since it may be meant: std::future_error is thrown.
  PromiseKeptTwice = 38,  ///< It has its result already.
  FutureTakenTwice = 39,  ///< Of one promise.
  ResultGone = 40,        ///< The promise or future has no shared state: it was moved from, or gave its result.
  // Tasks: `detail` is which. The second stack is where what the task was in before began.
  TaskResumedRunning = 64,    ///< Resumed while it runs.
  TaskResumedEnded = 65,      ///< Resumed although it has run to its end,
  TaskResumedDestroyed = 66,  ///< or was destroyed.
  TaskDestroyedRunning = 67,  ///< Destroyed while it runs.
  TaskDestroyedTwice = 68,
  TaskStranded = 69,  ///< Suspended for good: nothing in the program holds it. The stack is where.
  TaskCycle = 70,     ///< The same, or destroyed so; it awaits another that awaits it, by way of others or not.
  // At sites of a plan only, since it may be meant.
  TaskUsesOtherLocal = 71,  ///< Uses a thread-local variable of another thread than it runs on.
  TaskDropped = 72,         ///< Destroyed before anything of it ran.
};

/// Something used against its rules. Followed by the LockInfo, the stack, if hasSecond the stack that last took the
/// lock, and the stack of the place, if it has one.
struct MisuseRecord {
  RecordHeader header;
  MisuseKind kind;
  std::uint32_t thread;
  std::uint32_t detail;  ///< Signal number, thread, task, or how many more threads of the same stack leaked.
  std::uint32_t hasSecond;
  PlaceInfo place;  ///< Where the lock is.
};

/// At the end of a run that was asked for contention: locks made at one place, taken at another. Those most waited for
/// come first. Followed by two stacks: where they were taken, where they were made or first used.
struct ContentionRecord {
  RecordHeader header;
  LockInfo lock;  ///< The one waited for longest.
  std::uint64_t waits;
  std::uint64_t waitedNanos;
  std::uint64_t longestWaitNanos;
  std::uint64_t longestHoldNanos;
  std::uint32_t thread;  ///< Who waited longest.
  std::uint32_t reserved;
};

/// `thread` acted on what it had seen, and in between `other` changed it. Followed by three stacks: the look, the
/// change, the act. Where a task did (not 0, recorded), it is the task that acted, and the two threads may be the same.
struct GapRecord {
  RecordHeader header;
  std::uint32_t thread;
  std::uint32_t other;
  std::uint32_t task;
  std::uint32_t otherTask;
  std::uint64_t address;
  std::uint64_t size;
};

/// `other` waits for `lock` while `thread`, which holds it, waits for something slow. Followed by three stacks: where
/// `thread` waits, where it took the lock, where `other` wants it. With a `task` there is no lock: `thread` waits in
/// another task, and this one, recorded, which it goes on with next, stands still meanwhile; the third stack is where.
struct BlockedRecord {
  RecordHeader header;
  std::uint32_t thread;
  std::uint32_t other;
  LockInfo lock;
  std::uint64_t nanos;  ///< How long `other` waits for it at least, by the run's own clock; 0: as long as it takes.
  std::uint32_t site;
  std::uint32_t task;
  std::uint32_t waitingTask;  ///< Recorded, too.
  std::uint32_t reserved;
};

}  // namespace deadheat::protocol
