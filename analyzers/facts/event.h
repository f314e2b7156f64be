// Events: the vocabulary of the facts language. A function body is a control-flow graph of these and nothing else.
//
// Adding an event: a struct here with its `describe` (archive.h explains), an alternative in EventKind, a producer in
// extract/, a consumer in link/. Bump kFactsVersion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "analyzers/facts/location.h"
#include "analyzers/facts/path.h"
#include "analyzers/facts/region.h"
#include "analyzers/facts/value.h"

namespace deadheat {

enum class AccessKind : std::uint8_t { Read, Write, ReadWrite };
enum class Atomicity : std::uint8_t { Plain, Volatile, Atomic };
enum class MemoryOrder : std::uint8_t { NotAtomic, Relaxed, Consume, Acquire, Release, AcqRel, SeqCst };

/// Memory is read or written. Reads of references and pointers on the way are accesses of their own.
struct Access {
  Path path;
  AccessKind kind = AccessKind::Read;
  Atomicity atomicity = Atomicity::Plain;
  MemoryOrder order = MemoryOrder::NotAtomic;
  std::string type;       ///< Type of the memory, as a person writes it.
  std::string operation;  ///< For library objects: the method, e.g. `std::vector::push_back`; empty for plain code.
  bool foreign = false;   ///< By a method that no model describes and whose body is not seen: it may lock inside.
  auto operator<=>(const Access&) const = default;
};

enum class LockMode : std::uint8_t { Exclusive, Shared };
enum class LockWait : std::uint8_t { Blocking, Try, Timed };
enum class LockHolder : std::uint8_t { Hand, Guard };
enum class Recursion : std::uint8_t { No, Yes, Unknown };

/// A lock is taken. A successful try stands in a block of its own on the branch where it succeeded.
struct Acquire {
  Path lock;
  LockMode mode = LockMode::Exclusive;
  LockWait wait = LockWait::Blocking;
  LockHolder holder = LockHolder::Hand;
  Recursion recursion = Recursion::No;
  /// Non-zero: this and the neighbouring acquires with the same number happen as one deadlock-free operation
  /// (std::lock, std::scoped_lock); no order between them.
  std::uint32_t group = 0;
  std::string type;  ///< The lock's type, e.g. `std::mutex`.
  bool byTask = false;  ///< An asynchronous lock: the task holds it, whichever thread runs it, and waiting blocks no thread.
  auto operator<=>(const Acquire&) const = default;
};

/// A lock is given back. Guards release what they hold, if anything, on every way out of their scope.
struct Release {
  Path lock;
  LockMode mode = LockMode::Exclusive;
  LockHolder holder = LockHolder::Hand;
  auto operator<=>(const Release&) const = default;
};

/// Whom a call or spawn reaches.
struct Callee {
  enum class Kind : std::uint8_t {
    Direct,    ///< `function` and no other.
    Virtual,   ///< `function` or any override of it.
    Indirect,  ///< What `target` holds: a function pointer, std::function, functor or other callable.
  };
  Kind kind = Kind::Direct;
  FunctionId function;
  Value target;           ///< Indirect only.
  std::string name;       ///< Qualified name for people; for Indirect the expression's text.
  std::string signature;  ///< Canonical function type, for matching unresolved indirect calls.
  auto operator<=>(const Callee&) const = default;
};

/// A call of a function that is not described by a model.
struct Call {
  Callee callee;
  std::optional<Value> receiver;  ///< What `this` is: AddressOf(object) or Load(pointer).
  std::vector<Value> arguments;   ///< One a parameter; default arguments included.
  Path result;                    ///< Where the result goes: a Result root; Unknown if unused or not a pointer/object.
  bool byGuard = false;           ///< A guard makes it, to take the lock or to give back what it holds.
  /// What becomes of the task that the call gives back. If the callee is a coroutine, its body is what is run.
  enum class Task : std::uint8_t {
    None,     ///< It gives back no task.
    Awaited,  ///< It is awaited at once: the body runs here, in the caller's order.
    Kept,     ///< It is stored, returned, passed on or dropped: `result` is its handle, and link makes a Spawn of the call.
  };
  Task task = Task::None;
  auto operator<=>(const Call&) const = default;
};

/// On which thread a task goes on that was suspended, or that is started.
enum class Resumption : std::uint8_t {
  Unknown,     ///< Nothing tells.
  SameThread,  ///< On the thread that it was suspended on.
  Executor,    ///< Where its executor runs it, which is one at a time: an event loop, a strand.
  Anywhere,    ///< On any of several threads.
};

enum class SpawnWhere : std::uint8_t { Thread, Async, Pool, Fiber, Task, OpenMp, SignalHandler };

/// What sends the signals that a handler is for.
enum class SignalSource : std::uint8_t {
  Anything,  ///< Somebody else, at any moment; or it is not known.
  Fault,     ///< What the interrupted code does wrong itself: SIGSEGV, SIGABRT and the like, and nothing else.
};

/// Something starts to run in parallel. `receiver` of kind Object is a copy private to the new thread.
struct Spawn {
  Callee entry;
  std::optional<Value> receiver;
  std::vector<Value> arguments;
  Path handle;  ///< The std::thread, pthread_t, future … object; Unknown when discarded.
  SpawnWhere where = SpawnWhere::Thread;
  std::string how;  ///< `std::thread`, `pthread_create`, `std::async` …
  SignalSource signals = SignalSource::Anything;  ///< SignalHandler only.
  Resumption runs = Resumption::Unknown;          ///< Task, Fiber: on which thread.
  auto operator<=>(const Spawn&) const = default;
};

/// The current thread waits for the end of what `handle` stands for.
struct Join {
  Path handle;
  enum class By : std::uint8_t {
    Call,  ///< The program says so.
    End,   ///< The handle's life ends, or it takes another thread: jthread, the future of std::async.
    NotStarted,  ///< Nothing waits: on this branch the thread could not be started.
    Try,         ///< The program says so, but may give up waiting.
    Await,       ///< A coroutine goes on when it is over; no thread waits.
  };
  By by = By::Call;
  bool ofResult = false;  ///< The handle is a future: what it points to, the state of a promise, is waited for as well.
  auto operator<=>(const Join&) const = default;
};

/// Nobody will join `handle` any more.
struct Detach {
  Path handle;
  auto operator<=>(const Detach&) const = default;
};

/// A thread object that does not join by itself ends its life or takes another thread: if it still stands for a running
/// one, the program is terminated.
struct Abandon {
  Path handle;
  enum class How : std::uint8_t {
    Destroyed,
    Overwritten,
    Empty,  ///< Neither: it was asked, and stands for no thread on this branch.
  };
  How how = How::Destroyed;
  auto operator<=>(const Abandon&) const = default;
};

/// An object with a share in a result that is made once (a promise, a packaged task, a future) is used or ends. Stands
/// beside the Notify, Join or Assign that says what this means to others.
struct ResultUse {
  enum class Side : std::uint8_t {
    Maker,   ///< Promise or task: who stores the result.
    Reader,  ///< Future: who waits for it.
  };
  enum class How : std::uint8_t {
    Begins,   ///< Maker: has a result of its own, not stored yet. Reader: has been given one.
    Defers,   ///< Reader: the same, and it is computed only when somebody asks for it.
    Empty,    ///< Made without a share in any result.
    Stores,   ///< Maker: value or exception.
    Hands,    ///< Maker: gives out the reader, which works once.
    Takes,    ///< Reader: waits, takes the result and has none afterwards.
    Awaits,   ///< Reader: waits for the result and keeps it.
    Polls,    ///< Reader: waits for some time at most.
    Tests,    ///< Somebody asks whether it has a share: what it has is not known after.
    Leaves,   ///< Its share went to another object.
    Ends,     ///< The object's life ends.
  };
  Path object;
  Side side = Side::Maker;
  How how = How::Begins;
  auto operator<=>(const ResultUse&) const = default;
};

/// What the neighbouring Wait, or sleep in a loop that does nothing else, is for: its predicate, or the condition of the
/// loop or test around it, looks at `state`.
struct Awaited {
  Path state;
  auto operator<=>(const Awaited&) const = default;
};

/// A condition is waited for; `lock` is released meanwhile and held again after.
struct Wait {
  Path condition;
  Path lock;
  enum class Guarded : std::uint8_t { No, Loop, Predicate };
  Guarded guarded = Guarded::No;
  bool timed = false;     ///< It also ends when a time has come.
  bool personal = false;  ///< The predicate looks at variables of the waiter's own, too: each waits for something else.
  std::string predicate;  ///< The source text of what is tested, without blanks; empty if nothing is.
  auto operator<=>(const Wait&) const = default;
};

/// A condition is signalled.
struct Notify {
  Path condition;
  enum class Whom : std::uint8_t { One, All };
  Whom whom = Whom::One;
  bool inSignal = false;  ///< A signal handler may do it: a semaphore is counted up.
  auto operator<=>(const Notify&) const = default;
};

/// The thread may block for reasons other than a lock: sleep, I/O, future::get, semaphore, barrier.
struct Block {
  std::string what;
  Path object;
  auto operator<=>(const Block&) const = default;
};

/// A library function is called that shares hidden state with other calls of it or its like, or that a signal handler had
/// better not call. Stands beside whatever else the call does.
struct LibraryCall {
  /// What is promised for calls in signal handlers.
  enum class InSignal : std::uint8_t {
    Safe,      ///< POSIX lists it as async-signal-safe.
    Unlisted,  ///< No promise, no known harm.
    Unsafe,    ///< Takes locks, allocates, or changes state that the interrupted code may be changing.
    Masks,     ///< Safe, and says which signals are held back from now on.
  };
  std::string function;             ///< Qualified: `strtok`, `std::basic_ostream::write`.
  std::vector<std::string> states;  ///< Hidden state, as a person calls it; empty if none in this version of the library.
  AccessKind access = AccessKind::Write;  ///< Of the states.
  InSignal inSignal = InSignal::Unlisted;
  std::string instead;  ///< What to use where threads share the state.
  std::string because;  ///< Unsafe: why.
  auto operator<=>(const LibraryCall&) const = default;
};

/// A coroutine or fiber may be suspended here, and goes on after it once somebody resumes it. Other tasks run in between;
/// what is held or used on both sides stands before and after it in the graph.
struct Suspend {
  enum class Kind : std::uint8_t {
    Await,    ///< co_await.
    Yield,    ///< co_yield: the consumer goes on.
    Initial,  ///< Before the body: the task is lazy.
    Final,    ///< After the body: somebody else destroys the frame.
    Switch,   ///< A call that lets another fiber run.
  };
  Kind kind = Kind::Await;
  std::string what;  ///< As a person calls it: `co_await`, `boost::this_fiber::yield`.
  Path awaited;      ///< The task, lock or other object that is awaited; Unknown if it has no name.
  std::string type;  ///< Of the expression that is awaited.
  Resumption resumes = Resumption::Unknown;
  auto operator<=>(const Suspend&) const = default;
};

/// A suspended coroutine or fiber is run on by this thread, or its frame is destroyed, by its handle or an object that keeps
/// one.
struct Resume {
  enum class How : std::uint8_t { Resume, Destroy };
  Path handle;
  How how = How::Resume;
  auto operator<=>(const Resume&) const = default;
};

/// The pointer, reference, callable or class object at `target` takes `value`.
struct Assign {
  Path target;
  Value value;
  auto operator<=>(const Assign&) const = default;
};

/// The object at `object` (Allocation root) comes to life, owned by this thread.
struct Allocate {
  Path object;
  std::string type;
  auto operator<=>(const Allocate&) const = default;
};

/// The object at `object` is deleted or freed: a write to all of it.
struct Free {
  Path object;
  auto operator<=>(const Free&) const = default;
};

/// `value` is handed to code we cannot see, which may share it.
struct Escape {
  Value value;
  auto operator<=>(const Escape&) const = default;
};

/// The number, truth value or enumerator at `target`, a local or memory of any kind, takes a value that depends on what
/// was read at `from`: paths of memory and locals, the objects that library calls looked at, Result roots of calls.
/// Left out where nothing of it was ever shared.
///
/// A local number that some branch tests, or that is returned, has one wherever it is set, with an empty `from` if that
/// depends on nothing.
struct Compute {
  Path target;
  std::vector<Path> from;
  std::string constant = {};  ///< The constant that it takes, if that is known.
  auto operator<=>(const Compute&) const = default;
};

/// The function returns `value`; a number depends on what was read at `from`, as in Compute.
struct Return {
  enum class Truth : std::uint8_t { Unknown, False, True };
  Value value = {};
  std::vector<Path> from = {};
  Truth truth = Truth::Unknown;  ///< Whether the value is true, non-zero, non-null.
  Path outcome = {};             ///< The Result of a call whose truth decides that of the value; else Unknown.
  bool outcomeNegated = false;   ///< The value is true if that is false.
  auto operator<=>(const Return&) const = default;
};

/// A lock or condition begins to be usable, or ends by a call that says so (`pthread_mutex_init`, `mtx_destroy`).
struct Lifetime {
  enum class Phase : std::uint8_t { Begins, Ends };
  Path object;
  Phase phase = Phase::Begins;
  Recursion recursion = Recursion::Unknown;  ///< Begins, lock: what it is made as.
  auto operator<=>(const Lifetime&) const = default;
};

/// An exception is thrown. In a block that leads to no handler it leaves the function.
struct Throw {
  auto operator<=>(const Throw&) const = default;
};

/// A guard object comes to life without taking a lock itself.
struct GuardStart {
  enum class How : std::uint8_t {
    Empty,     ///< It was given no lock.
    Deferred,  ///< To be locked later.
    Adopted,   ///< What the caller already holds.
    Tried,     ///< It may or may not hold the lock.
  };
  Path guard;
  Path lock;  ///< As the guard names it: `g.$lock*`; Unknown if it has none.
  How how = How::Empty;
  auto operator<=>(const GuardStart&) const = default;
};

/// A local variable or parameter that some branch of the function tests, or that chooses an element, takes a value. So
/// does a reference by which an element is called.
struct Flag {
  Path target;
  std::optional<std::string> constant;  ///< The value, as in Branch::against, if it is a constant.
  auto operator<=>(const Flag&) const = default;
};

/// Threads of a team, or a thread and tasks, meet.
struct Sync {
  enum class Kind : std::uint8_t {
    Barrier,   ///< Nobody of the team goes on before all are here and all tasks are over.
    TaskBegin, ///< The task `region`, whose events stand before this one, may run from here on.
    TaskWait,  ///< The tasks started by the current one are over; with `dependences` those that have one of them.
    TaskGroupEnd,  ///< All tasks started in the group `region`, and their tasks, are over.
    Turn,      ///< A turn of the loop `region` begins.
  };
  Kind kind = Kind::Barrier;
  std::uint32_t region = 0;  ///< Number of a region of the function.
  std::vector<Dependence> dependences;
  auto operator<=>(const Sync&) const = default;
};

using EventKind = std::variant<Access, Acquire, Release, Call, Spawn, Join, Detach, Abandon, Awaited, Wait, Notify,
                               Block, LibraryCall, Suspend, Resume, Assign, Compute, Allocate, Free, Escape, Return, Sync,
                               Lifetime, Throw, GuardStart, Flag, ResultUse>;

/// One step of a function body.
struct Event {
  Location location;
  EventKind what;
  std::uint32_t region = 0;  ///< Number of the innermost region it stands in; 0 is the function.
  auto operator<=>(const Event&) const = default;
};

}  // namespace deadheat
