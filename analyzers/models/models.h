// Models: what library types and functions mean for concurrency, as data.
//
// Sits between facts/ (whose words it uses) and extract/ (which asks "what does this call do?"). The YAML files beside
// this header are embedded into the binary; users add their own with the same vocabulary, documented in docs/models.md.
//
// A model file is a map with two lists, `types` and `functions`; a type may carry `methods`, which are functions named
// `Type::method`. Names are qualified, without template arguments and without inline namespaces
// (`std::vector::push_back`, also for libc++'s `std::__1::vector`). Operators are spelt as in C++ (`std::thread::operator=`);
// a conversion operator is `operator bool` or `operator()`-like text of its type, any conversion is `operator conversion`.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/facts/digest.h"
#include "analyzers/facts/tu_facts.h"
#include "analyzers/models/glob.h"
#include "analyzers/models/hazards.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace deadheat {

/// What a library class is.
enum class TypeKind : std::uint8_t {
  Lock,          ///< Something that can be held.
  Guard,         ///< Holds a lock while it lives.
  Condition,     ///< Condition variable.
  Thread,        ///< Handle of a thread.
  Future,        ///< Handle of a result that may still be computed.
  Promise,       ///< Where the result will be put; futures made of it, and what it is moved to, share its state.
  Container,     ///< Owns elements; not safe to use from two threads.
  SmartPointer,  ///< Behaves as a pointer.
  Iterator,      ///< Behaves as a pointer to an element.
  Atomic,        ///< Every operation is atomic.
  Once,          ///< A once flag.
  Callable,      ///< Holds any callable: std::function.
  Tag,           ///< Tells a guard how to be constructed.
  Plain,         ///< A value: const methods read it, others write it.
  Synchronized,  ///< Its methods may be called from any thread at any time (semaphores, latches).
  Task,          ///< What a coroutine gives back: stands for its body, which runs once it is started and may be awaited.
  Generator,     ///< The same, but the body runs whenever the next value is asked for, in whoever asks.
  Awaitable,     ///< What can be awaited and is no task: a timer, an operation, a change of thread.
  Executor,      ///< Runs tasks that it is given. Its methods may be called from any thread.
};

/// How many threads run the tasks of an executor.
enum class ExecutorThreads : std::uint8_t {
  Unknown,  ///< Those that call its run().
  One,      ///< Or several, but one task at a time: a strand.
  Many,
};

/// What becomes of the body when its task object is dropped before the body is over.
enum class TaskEnd : std::uint8_t {
  Unknown,
  Destroyed,  ///< The frame is destroyed.
  Detached,   ///< It runs on.
  Fatal,      ///< The program ends.
  Waits,      ///< The end of the object waits for the body.
};

/// How a tag changes a guard's construction, the way an algorithm runs or an operation ends.
enum class GuardTag : std::uint8_t {
  None,
  Adopt,
  Defer,
  Try,
  Parallel,    ///< Tells an algorithm to use several threads.
  Sequential,  ///< Tells an algorithm to use one.
  Awaited,     ///< Tells an operation that its result will be waited for by what it returns.
  Detached,    ///< Tells an operation that nobody waits for it.
  Suspends,    ///< Tells an operation to suspend the fiber that starts it.
};

/// A class of a library.
struct TypeModel {
  TypeKind kind = TypeKind::Plain;
  Recursion recursion = Recursion::No;   ///< Lock.
  LockMode mode = LockMode::Exclusive;   ///< Guard: how it holds its lock.
  GuardTag tag = GuardTag::None;         ///< Tag.
  bool joins = false;                    ///< Thread, Future: destruction waits for the end.
  bool terminates = false;               ///< Thread: the program ends if it is destroyed before it is joined.
  bool owns = false;                     ///< SmartPointer: destruction always deletes.
  bool keyed = false;                    ///< Container: elements are pairs, `operator[]` gives their `second`.
  bool pointer = false;                  ///< Guard: also points to the value that its lock protects.
  bool upgrades = false;                 ///< Guard: made from another guard, whose shared hold it turns exclusive.
  bool asynchronous = false;             ///< Lock: tasks hold it, and waiting for it blocks no thread.
  bool ready = false;                    ///< Awaitable: awaiting it never suspends.
  Coroutine::Start start = Coroutine::Start::Unknown;  ///< Task.
  TaskEnd dropped = TaskEnd::Unknown;                  ///< Task.
  Resumption resumes = Resumption::Unknown;            ///< Task, Awaitable, asynchronous Lock: where who awaits it goes on.
  ExecutorThreads threads = ExecutorThreads::Unknown;  ///< Executor.
  bool view = false;                                   ///< Refers to what it is made from, and owns nothing of it.
  bool hosted = false;                   ///< What its methods start runs on the executor that it was made with.
  std::string name;                      ///< Qualified.
  const struct ModelEntry* entry = nullptr;  ///< The user's entry it comes from; null for built-in models.
};

/// What a library function does. The argument numbers it uses are in FunctionModel.
enum class Effect : std::uint8_t {
  Nothing,    ///< Neither reads nor writes what it is given.
  Acquire,    ///< Takes `object`.
  Release,    ///< Gives `object` back.
  Try,        ///< Takes `object` if the result is `success`.
  AcquireAll, ///< Takes all arguments as one operation (std::lock).
  TryAll,     ///< The same if the result is `success`.
  Upgrade,    ///< Turns a shared hold on `object` into an exclusive one.
  Downgrade,  ///< The reverse.
  LockPointer,  ///< Takes the lock inside `object` and returns a guard that points to the value beside it.
  LockedCall,   ///< Calls `entry` with the value inside `object`, under the lock beside it.
  Swap,       ///< Exchanges what two guards hold.
  Disown,     ///< The guard no longer releases (unique_lock::release).
  Owns,       ///< Tells whether the guard holds its lock, the thread object stands for a thread.
  Wait,       ///< Waits for condition `object`, with `lock` released meanwhile.
  NotifyOne,
  NotifyAll,
  Spawn,      ///< Runs `entry` with the arguments from `bound` on in parallel; `handle` stands for it.
  Parallel,   ///< Runs `entry` in several threads at once and waits for all of them.
  Join,       ///< Waits for the end of `object`.
  Run,        ///< Runs what the executor `object` was given, until nothing is left.
  Detach,
  Begin,      ///< Makes `object`, a lock or condition, usable.
  End,        ///< Ends `object`, if the result is zero.
  Block,      ///< May block; `what` says on what.
  Once,       ///< Calls `entry` with the arguments from `bound` on, once for `object`.
  Invoke,     ///< Calls `entry` with the arguments from `bound` on before it returns.
  Bind,       ///< Returns a callable of `entry` and the arguments from `bound` on.
  Ref,        ///< Returns a pointer to `object` (std::ref, std::addressof).
  Forward,    ///< Returns `object` itself (std::move, std::forward).
  Allocate,   ///< Returns new memory.
  Reallocate, ///< Frees what `object` points to and returns new memory.
  Free,       ///< Frees what `object` points to.
  Make,       ///< Makes an object of the result's pointee type from the arguments (std::make_unique).
  Read,       ///< Reads `object`.
  Write,      ///< Writes `object`.
  Fill,       ///< Writes what `object` and all later arguments point to (scanf).
  Copy,       ///< Writes what argument 0 points to, reads what argument 1 points to.
  Element,    ///< Reads `object`, returns a reference to an element of it.
  Grow,       ///< Writes `object`, returns a reference to an element of it (map::operator[]).
  Mapped,     ///< Reads `object`, returns a reference to the mapped value of an element.
  Iterate,    ///< Reads `object`, returns an iterator into it.
  Insert,     ///< Writes `object`, which keeps the last argument as an element.
  Emplace,    ///< Writes `object`, constructs an element from the arguments from `bound` on.
  Get,        ///< Reads smart pointer or iterator `object`, returns what it holds.
  Reset,      ///< Writes smart pointer `object`, which then holds argument 0.
  Load,       ///< Atomic operations on `object`.
  Store,
  Exchange,
  Fence,
  Self,       ///< Returns the handle of the thread that asks.
  Suspend,    ///< A fiber may be suspended: other tasks run meanwhile.
  Gather,     ///< Returns an awaitable that stands for all arguments that are tasks: awaiting it awaits all of them.
  Start,      ///< Lets the task `object` run on its own; `handle`, if any, stands for it.
  Resume,     ///< Runs the suspended coroutine that `object` is a handle of.
  Destroy,    ///< Ends it.
};

/// What a try function returns when it succeeded.
enum class Success : std::uint8_t { True, Zero, MinusOne };

/// Where a user's model entry stands: what an entry that matches nothing is reported by.
struct ModelEntry {
  std::string name;  ///< As written; may be a glob.
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  auto operator<=>(const ModelEntry&) const = default;
};

/// A function of a library. Argument numbers count from 0; kThis is the object of the method, kNone is no argument,
/// kCallable the first argument that can be called, kExecutor what the object was made to run on, kLast the last argument
/// that is written.
struct FunctionModel {
  static constexpr int kThis = -1;
  static constexpr int kNone = -2;
  static constexpr int kResult = -3;
  static constexpr int kCallable = -4;
  static constexpr int kExecutor = -5;
  static constexpr int kLast = -6;

  Effect effect = Effect::Nothing;
  int object = kThis;   ///< Methods: kThis. Functions: argument 0 unless said otherwise.
  int lock = kNone;
  int predicate = kNone;
  int entry = kNone;
  int bound = kNone;
  int handle = kNone;
  int token = kNone;    ///< Spawn: what says how the operation ends, a tag or something to be called then.
  LockMode mode = LockMode::Exclusive;
  LockWait wait = LockWait::Blocking;
  Success success = Success::True;
  SpawnWhere where = SpawnWhere::Thread;
  bool awaited = false;  ///< It happens when the result is awaited, not when it is called.
  Resumption resumes = Resumption::Unknown;  ///< Suspend, Spawn, and what is awaited: on which thread it goes on.
  bool consumes = false;  ///< The future `object` has no share in the result afterwards.
  std::string what;     ///< Block, Suspend: on what.
  std::string method;   ///< Spawn: `entry` is an object; this method of it is run.
  std::string name;     ///< Qualified.
  const ModelEntry* entryOf = nullptr;  ///< The user's entry it comes from; null for built-in models.
};

/// All models: the built-in ones and those of extra files, later ones replacing earlier ones of the same name.
/// Immutable once loaded; safe to read from several threads.
///
/// Names in a user's file may be globs (`*`, `?`, `[a-z]`, `{a,b}`); an exact name goes before a glob, a later glob before
/// an earlier one.
class ModelSet {
 public:
  /// Who wrote a model text: entries of users are kept track of.
  enum class Author : std::uint8_t { BuiltIn, User };

  /// Loads the built-in models, then `extraFiles` in order. Errors name file, line and column.
  static llvm::Expected<ModelSet> load(const std::vector<std::string>& extraFiles = {});

  /// Adds the models of one YAML text; `source` is what errors call it.
  llvm::Error add(llvm::StringRef text, llvm::StringRef source, Author author = Author::BuiltIn);
  /// Adds one function of a user. An error if its name is not a valid glob.
  llvm::Error addFunction(FunctionModel model, ModelEntry entry);
  /// Adds a method of a type that addType added.
  llvm::Error addMethod(llvm::StringRef type, llvm::StringRef method, FunctionModel model);
  /// Adds one type of a user.
  llvm::Error addType(TypeModel model, ModelEntry entry);
  /// Functions of this name are run by threads that something unseen starts.
  llvm::Error addThreadEntry(ModelEntry entry);

  /// Notes something that decides what is added without a text of its own, for `digest`.
  void stamp(llvm::StringRef text) { texts_.add(text); }

  /// Stands for all texts that were added and stamps, in order.
  Digest digest() const { return texts_.finish(); }

  /// The model of the type with this qualified name, or null.
  const TypeModel* type(llvm::StringRef qualifiedName) const;
  /// The model of the function or method with this qualified name, or null.
  const FunctionModel* function(llvm::StringRef qualifiedName) const;
  /// What is not promised of the function, or null. The C library's functions are the same in namespace std.
  const HazardModel* hazard(llvm::StringRef qualifiedName) const;
  /// The user's entry that makes this function one that threads start in, or null.
  const ModelEntry* threadEntry(llvm::StringRef qualifiedName) const;

  /// All entries of users, in the order they were added. Facts name those that matched by `entryKey`.
  const std::deque<ModelEntry>& userEntries() const { return *entries_; }

 private:
  template <typename Model>
  struct Named {
    llvm::StringMap<Model> exact;
    std::vector<std::pair<Glob, Model>> globs;
    llvm::Error add(llvm::StringRef name, Model model);
    const Model* find(llvm::StringRef name) const;
  };
  const ModelEntry* keep(ModelEntry entry);

  DigestBuilder texts_;
  Named<TypeModel> types_;
  Named<FunctionModel> functions_;
  Named<const ModelEntry*> threadEntries_;
  llvm::StringMap<HazardModel> hazards_;
  std::shared_ptr<std::deque<ModelEntry>> entries_ = std::make_shared<std::deque<ModelEntry>>();
};

/// `file:line:column`, the name of a user's entry in TuFacts::usedModels.
std::string entryKey(const ModelEntry& entry);

}  // namespace deadheat
