// Summary: what one function does to memory, locks and threads, relative to whoever calls it.
//
// Every fact carries its Moment: which thread does it, with which locks held, which other threads may be running. A
// caller completes a moment with its own: locks it holds and the callee has not released, threads it has started and
// the callee has not joined.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/link/body.h"
#include "analyzers/link/lock_ways.h"
#include "analyzers/link/lock_promises.h"
#include "analyzers/link/tables.h"

namespace deadheat {

/// Number of a thread within one summary or scope; kSelf is the thread that runs the function itself.
using ThreadNumber = std::uint8_t;
inline constexpr ThreadNumber kSelf = 0xff;
inline constexpr std::size_t kMaxThreads = 62;

/// A set of thread numbers below kMaxThreads.
using ThreadSet = std::uint64_t;
constexpr ThreadSet threadBit(ThreadNumber t) { return t == kSelf ? 0 : ThreadSet{1} << t; }

/// The circumstances of an event.
struct Moment {
  LocksetId held = LocksetId::Empty;      ///< Definitely held, taken since the frame was entered.
  PathSetId released = PathSetId::Empty;  ///< Locks of callers that may have been given back since.
  PathSetId joined = PathSetId::Empty;    ///< Handles joined since.
  PathSetId taken = PathSetId::Empty;     ///< Locks that were certainly taken on the way, held or not.
  PathSetId acquired = PathSetId::Empty;  ///< Atomics acquired and conditions waited for on the way here.
  PathSetId notified = PathSetId::Empty;  ///< Atomics released and conditions signalled on the way.
  ThreadSet live = 0;                     ///< Threads that may be running at the same time (kSelf only).
  ThreadSet straight = 0;                 ///< Those of them that do not need a loop to come round.
  ThreadNumber thread = kSelf;
  bool common = false;  ///< Facts of a summary: it reads the same in every caller (common_facts.h).
  ContextId context = ContextId::None;  ///< The regions it stands in.
  PathSetId phases = kFromOutside;      ///< The barriers that the team may have passed last.
  PathSetId tasks = kFromOutside;       ///< Tasks that may still be running.
  TraceId trace = TraceId::Here;  ///< From the frame to the function with the event.
  FunctionIndex function = FunctionIndex::None;
  Location location;
};

/// Memory is read, written or freed.
struct AccessFact : Moment {
  PathId path = PathId::Unknown;
  AccessKind kind = AccessKind::Read;
  Atomicity atomicity = Atomicity::Plain;
  MemoryOrder order = MemoryOrder::NotAtomic;
  bool operation = false;  ///< A library object's method rather than plain memory.
  bool frees = false;
  bool own = false;               ///< On an object that the function made and gave to others by the name in `path`.
  bool beginning = false;         ///< By a constructor, on the object it makes.
  bool ending = false;            ///< By a destructor, on the object it destroys.
  bool reclaims = false;          ///< By or after `delete this`: when the last user is gone.
  bool guessed = false;           ///< Reached through a call whose target was guessed.
  const Access* facts = nullptr;  ///< Null for Free.
  std::uint32_t places = 1;       ///< Accesses of the same function this one stands for.

  bool writes() const { return kind != AccessKind::Read; }
};

/// A lock is taken while `held` are held.
struct AcquireFact : Moment {
  PathId lock = PathId::Unknown;
  LockMode mode = LockMode::Exclusive;
  LockWait wait = LockWait::Blocking;
  Recursion recursion = Recursion::No;
  std::uint32_t group = 0;
  bool once = false;
  bool always = false;  ///< Every run of the frame comes here.
  const Acquire* facts = nullptr;
};

/// A thread waits, signals, joins, may block, runs code that it does not know, or shares hidden state of the library.
/// The state that a Wait stands for is in operations of kind Awaited at the same place.
struct OperationFact : Moment {
  enum class Kind : std::uint8_t {
    Wait,
    Notify,
    Block,
    Join,
    Detach,
    Callback,
    Awaited,  ///< State that the Wait at the same place, or a sleep, is for.
    LibraryCall,
    End,      ///< The lock or condition `object` ends.
    Require,  ///< A call of `callee`, whose attributes want the lock `object` held.
    Exclude,  ///< The same, not held.
    Switch,   ///< Another fiber may run before the call returns.
    Resume,   ///< A suspended coroutine is resumed or destroyed by its handle.
  };
  Kind kind = Kind::Block;
  PathId object = PathId::Unknown;   ///< Condition, handle, what is blocked on, state, the cell that holds the callable,
                                     ///< or the lock or condition that ends.
  PathId lock = PathId::Unknown;     ///< Wait: the lock that is given back meanwhile. Join of a result: its state.
  bool guessed = false;              ///< Reached through a call whose target was guessed.
  FunctionIndex callee = FunctionIndex::None;  ///< Require, Exclude.
  LockMode mode = LockMode::Exclusive;         ///< Require.
  bool resolved = false;             ///< Callback: the code is known and summarised here as well.
  const EventKind* facts = nullptr;  ///< The event.
};

/// A set of kinds of operations.
class OperationKinds {
 public:
  using Kind = OperationFact::Kind;
  constexpr OperationKinds() = default;
  constexpr OperationKinds(std::initializer_list<Kind> kinds) {
    for (Kind kind : kinds) bits_ |= bit(kind);
  }
  static constexpr OperationKinds all() {
    OperationKinds every;
    every.bits_ = static_cast<std::uint16_t>(~0u);
    return every;
  }
  void add(const OperationKinds& other) { bits_ |= other.bits_; }
  bool any() const { return bits_ != 0; }
  bool meets(const OperationKinds& other) const { return (bits_ & other.bits_) != 0; }

 private:
  static constexpr std::uint16_t bit(Kind kind) { return static_cast<std::uint16_t>(1u << static_cast<unsigned>(kind)); }
  std::uint16_t bits_ = 0;
};

/// A call or spawn through a parameter or captured callable that the caller may know.
struct PendingFact : Moment {
  LinkedValue target;
  std::optional<LinkedValue> receiver;
  std::vector<LinkedValue> arguments;
  const Spawn* spawn = nullptr;
  ThreadNumber started = kSelf;  ///< Spawn: the thread, which has no entry yet.
};

/// A lock that one thread holds for as long as another runs: whoever else takes it is kept out for that one too.
struct Cover {
  PathId lock = PathId::Unknown;
  ThreadNumber holder = kSelf;
  auto operator<=>(const Cover&) const = default;
};

/// A thread that is started in the frame or below it.
struct ThreadFact {
  FunctionIndex entry = FunctionIndex::None;  ///< None while only a caller may know it.
  FunctionIndex spawner = FunctionIndex::None;
  Location location;              ///< Of the spawn.
  TraceId trace = TraceId::Here;  ///< From the frame to the spawner.
  std::vector<PathId> handles;    ///< Names of the thread object, the one to show first.
  ThreadNumber parent = kSelf;
  bool many = false;      ///< Several of this may run at once.
  bool survives = false;  ///< Still running when the thread (or call) that started it returns.
  ThreadSet overlap = 0;  ///< Threads that may run at the same time, not counting nesting.
  LocksetId startedUnder = LocksetId::Empty;  ///< What its starter held then.
  PathSetId takenBefore = PathSetId::Empty;   ///< Locks that the thread that starts it had certainly taken by then.
  std::vector<Cover> covers;
  const Spawn* facts = nullptr;

  /// It may go on on another thread than the one that started or resumed it.
  bool migrates = false;
  /// It runs in turn with those that its thread starts or resumes, never at the same time.
  bool interleaves() const {
    const bool isTask = facts && (facts->where == SpawnWhere::Task || facts->where == SpawnWhere::Fiber);
    return isTask && !migrates && (facts->runs == Resumption::SameThread || facts->runs == Resumption::Executor);
  }
  /// An executor runs it, which is known by its handle.
  bool isOfExecutor() const { return facts && facts->where == SpawnWhere::Task && facts->how != "coroutine" && interleaves(); }
  bool isSignalHandler() const { return facts && facts->where == SpawnWhere::SignalHandler; }
};

/// A dropped or lost-precision count, for the report of what was not analysed.
struct Dropped {
  std::uint32_t accesses = 0;
  std::uint32_t acquires = 0;
  std::uint32_t operations = 0;
  std::uint32_t threads = 0;
  std::uint32_t unresolvedCalls = 0;
  void add(const Dropped& other) {
    accesses += other.accesses;
    acquires += other.acquires;
    operations += other.operations;
    threads += other.threads;
    unresolvedCalls += other.unresolvedCalls;
  }
};

/// A call that changes little about the common facts below it: no lock is held there and no thread beside it.
struct CommonCall {
  /// What comes before the call, in itself and on the way to it.
  struct Before {
    PathSetId joined = PathSetId::Empty;
    PathSetId taken = PathSetId::Empty;
    PathSetId acquired = PathSetId::Empty;
    PathSetId notified = PathSetId::Empty;
    LocksetId passed = LocksetId::Empty;  ///< Once-flags.
    bool guessed = false;
    bool always = false;  ///< Every run comes here.
    /// Whether facts below would be the same, but for what only raises a doubt.
    bool isLike(const Before& other) const {
      return joined == other.joined && acquired == other.acquired && guessed == other.guessed && always == other.always;
    }
  };
  FunctionIndex callee = FunctionIndex::None;
  TraceId trace = TraceId::Here;  ///< Into the callee.
  Before before;
};

/// What a frame asks first of common facts, own and below.
struct CommonDigest {
  std::uint64_t written = 0;  ///< Roots of what is written, as bits.
  bool any = false;
  bool accesses = false, acquires = false;
  bool guarded = false;  ///< Some access is made with a lock held.
  OperationKinds operations;
  void add(const CommonDigest& other) {
    written |= other.written;
    any |= other.any;
    accesses |= other.accesses;
    acquires |= other.acquires;
    operations.add(other.operations);
    guarded |= other.guarded;
  }
};

/// One function. Common facts of what it calls are found by way of `commonCalls`.
struct Summary {
  std::vector<AccessFact> accesses;
  std::vector<AcquireFact> acquires;
  std::vector<OperationFact> operations;
  std::vector<PendingFact> pendings;
  std::vector<CommonCall> commonCalls;
  CommonDigest common;
  std::vector<ThreadFact> threads;
  LocksetId heldAtExit = LocksetId::Empty;
  LocksetId leaks = LocksetId::Empty;  ///< Held on some ways out though other ways give them back by hand.
  LocksetId heldIfTrue = LocksetId::Empty;   ///< At exit, if the function returns true, non-zero or non-null.
  LocksetId heldIfFalse = LocksetId::Empty;
  PathSetId releasedAtExit = PathSetId::Empty;
  PathSetId releasedIfTrue = PathSetId::Empty;
  PathSetId releasedIfFalse = PathSetId::Empty;
  PathSetId joins = PathSetId::Empty;
  PathSetId acquiredAtExit = PathSetId::Empty;
  PathSetId notifiedAtExit = PathSetId::Empty;
  PathSetId phasesAtExit = kFromOutside;
  PathSetId tasksAtExit = kFromOutside;
  ThreadSet liveAtExit = 0;
  ThreadSet straightAtExit = 0;
  PathSetId takenAtExit = PathSetId::Empty;
  bool returns = true;  ///< False if no way through the function comes to its end.
  std::vector<LockOutcome> lockOutcomes;  ///< What it does to locks of the caller, over all its ways.
  bool mayThrow = false;                  ///< An exception of the program's own may leave it.
  bool migrates = false;  ///< It is suspended, itself or below, where it may go on on another thread.
  Dropped dropped;
  bool done = false;

  /// Whether the function does any of it, in itself or below.
  bool hasAccesses() const { return common.accesses || !accesses.empty(); }
  bool hasAcquires() const { return common.acquires || !acquires.empty(); }
  bool hasOperations() const { return common.operations.any() || !operations.empty(); }
};

/// A lock taken again by the thread that holds it.
struct DoubleLock {
  AcquireFact acquire;  ///< The second acquisition, in terms of `frame`.
  HeldLock first;
  FunctionIndex frame = FunctionIndex::None;  ///< The innermost function that sees both.
  bool leaked = false;                        ///< Held only if an earlier call took the way out that forgets to unlock.
  bool certain = false;  ///< Every run of `frame` that has the lock comes to the second acquisition.
};

/// A broken promise and when it happens.
struct BrokenFact : Moment {
  BrokenPromise promise;
};

/// Several threads at commonly named memory: the frame of one function, or a whole program's main.
struct FrameFacts {
  std::vector<AccessFact> accesses;  ///< Including those on the frame's own locals and allocations.
  std::vector<AcquireFact> acquires;
  std::vector<OperationFact> operations;
  std::vector<ThreadFact> threads;
  std::vector<PathId> perTurn;  ///< Roots of heap objects and call results made anew at each turn of a loop.
  bool shares = false;  ///< Some accesses are made by teams or tasks.
  std::map<PathId, PathSetId> tasksAtEnd;  ///< By task: those it started that may outlive it.
  std::map<PathId, ContextId> homes;       ///< By root: where locals and heap objects of the frame are made.
};

}  // namespace deadheat
