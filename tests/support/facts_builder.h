// Facts written by hand, tersely: a program as named functions with one event a call.
//
//   FactsBuilder facts;
//   facts.global("g_hits");
//   facts.function("worker").acquire("g_mu").write("g_hits").release("g_mu");
//   facts.main().spawn("worker", "t").read("g_hits").join("t");
//   Program program = facts.link();
//
// Paths are written as C++ would: `g_hits` (a declared global), `this->mu`, `(*p).x` as `p->x` where `p` is a declared
// parameter or else a local, `table[i].lock`, `*p`. `new:name` is an Allocation root, `call:name` a Result. A field's
// class is given as `this->Cache::hits`; without one it is the class of the enclosing method, or `S`.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/facts/tu_facts.h"
#include "analyzers/link/program.h"

namespace deadheat {

class FactsBuilder;

/// One function under construction. Events go to the current block; lines count up from 1 in each function's hundred.
class FunctionBuilder {
 public:
  FunctionBuilder(FactsBuilder& facts, std::string id, std::uint32_t firstLine);

  FunctionBuilder& parameters(std::vector<std::string> names);
  FunctionBuilder& kind(Function::Kind kind);
  FunctionBuilder& reach(Function::Reach reach);
  FunctionBuilder& overrides(std::string id);
  /// The function is a coroutine; its suspensions are told by `suspend`.
  FunctionBuilder& coroutine(Coroutine::Start start = Coroutine::Start::Lazy, bool endsItself = false);
  FunctionBuilder& suspend(Resumption resumes = Resumption::Unknown, Suspend::Kind kind = Suspend::Kind::Await);
  /// A call of coroutine `id` whose task is kept under the name `handle`.
  FunctionBuilder& makeTask(std::string id, std::string_view handle, std::vector<Value> arguments = {},
                            std::optional<Value> receiver = {});
  /// `co_await` of the task that `handle` stands for.
  FunctionBuilder& await(std::string_view handle);

  FunctionBuilder& read(std::string_view path);
  FunctionBuilder& write(std::string_view path);
  FunctionBuilder& update(std::string_view path);  ///< Read-modify-write.
  FunctionBuilder& atomic(AccessKind kind, MemoryOrder order, std::string_view path);
  FunctionBuilder& operation(AccessKind kind, std::string_view path, std::string method);
  FunctionBuilder& acquire(std::string_view lock, LockMode mode = LockMode::Exclusive,
                           LockWait wait = LockWait::Blocking, Recursion recursion = Recursion::No);
  FunctionBuilder& acquireOf(std::string type, std::string_view lock, LockWait wait = LockWait::Blocking);
  FunctionBuilder& acquireGroup(std::vector<std::string> locks);
  FunctionBuilder& passOnce(std::string_view flag, std::string callee);
  FunctionBuilder& release(std::string_view lock, LockMode mode = LockMode::Exclusive);
  /// Guard `name` of `lock`, as extraction writes it; unguard() ends it.
  FunctionBuilder& begins(std::string_view lock, Recursion recursion = Recursion::No);
  FunctionBuilder& ends(std::string_view lock);
  FunctionBuilder& throws();  ///< What follows in this block is unreachable.
  /// A guard that starts without taking `lock`; an empty one if there is none.
  FunctionBuilder& guardStart(std::string_view name, std::string_view lock, GuardStart::How how);
  FunctionBuilder& flag(std::string_view variable, std::string constant);
  FunctionBuilder& guard(std::string_view name, std::string_view lock);
  FunctionBuilder& unguard(std::string_view name);

  FunctionBuilder& call(std::string id, std::vector<Value> arguments = {}, std::optional<Value> receiver = {},
                        std::string_view result = {});
  FunctionBuilder& callVirtual(std::string id, Value receiver);
  FunctionBuilder& callThrough(Value target, std::vector<Value> arguments = {});
  FunctionBuilder& spawn(std::string entry, std::string_view handle, std::vector<Value> arguments = {},
                         std::optional<Value> receiver = {});
  FunctionBuilder& spawnThrough(Value target, std::string_view handle, std::vector<Value> arguments = {});
  FunctionBuilder& join(std::string_view handle);
  FunctionBuilder& detach(std::string_view handle);
  FunctionBuilder& wait(std::string_view condition, std::string_view lock);
  FunctionBuilder& notify(std::string_view condition);
  /// A wait that is for `state`: its predicate, written `predicate`, looks at it.
  FunctionBuilder& awaits(std::string_view condition, std::string_view lock, std::string_view state,
                          std::string predicate = "ready");
  /// Any event as it is.
  FunctionBuilder& event(EventKind what) { return add(std::move(what)); }
  FunctionBuilder& block(std::string what);
  FunctionBuilder& assign(std::string_view target, Value value);
  FunctionBuilder& compute(std::string_view target, std::vector<std::string> from);
  FunctionBuilder& allocate(std::string_view object, std::string type = "S");
  FunctionBuilder& free(std::string_view object);
  FunctionBuilder& escape(Value value);
  FunctionBuilder& returns(Value value);
  FunctionBuilder& returnsTruth(bool truth);
  /// Returns what the call with this result returned.
  FunctionBuilder& returnsOutcome(std::string_view result);
  FunctionBuilder& computeConstant(std::string_view target, std::string constant);

  /// What its attributes say.
  FunctionBuilder& contract(Contract::Kind kind, std::string_view lock, LockMode mode = LockMode::Exclusive);
  FunctionBuilder& unchecked();

  /// What follows stands in `region`, up to leaveRegion(); its parent and place are set here. A local that `own` names
  /// lives in the region entered last.
  FunctionBuilder& enter(Region region);
  FunctionBuilder& leaveRegion();
  FunctionBuilder& own(std::string local);
  /// `region` counts from the one entered first, 1.
  FunctionBuilder& sync(Sync::Kind kind, std::uint32_t region = 0);

  /// Control flow. `beginIf().. orElse().. endIf()`; `beginLoop().. endLoop()` runs its body any number of times.
  FunctionBuilder& beginIf();
  /// As beginIf, with the then-branch taken if the memory at `tested` is true (non-null, non-zero).
  FunctionBuilder& beginIfSet(std::string_view tested);
  /// The same, if the call with this result returned true.
  FunctionBuilder& beginIfReturned(std::string_view result);
  FunctionBuilder& orElse();
  FunctionBuilder& endIf();
  FunctionBuilder& beginLoop();
  FunctionBuilder& endLoop();
  /// Goes to the function's exit; what follows in this block is unreachable.
  FunctionBuilder& leave();

  /// Values over this function's paths.
  Value at(std::string_view path) const;    ///< AddressOf
  Value load(std::string_view path) const;  ///< Load
  Value object(std::string_view path, FunctionId callOperator = {}) const;
  Path path(std::string_view text) const;

  Function build() const;

 private:
  FunctionBuilder& add(EventKind event);
  std::uint32_t newBlock();
  void jump(std::uint32_t from, std::uint32_t to);

  FactsBuilder& facts_;
  mutable Function function_;
  std::uint32_t line_;
  std::uint32_t current_ = 0;
  std::vector<std::uint32_t> regions_{0};
  struct Open {
    std::uint32_t head, otherwise;
    bool hasElse, loop;
  };
  std::vector<Open> open_;
};

/// One or more translation units under construction.
class FactsBuilder {
 public:
  explicit FactsBuilder(std::string mainFile = "/src/main.cpp");

  FactsBuilder& global(std::string name, bool isConst = false);
  FactsBuilder& record(std::string name, std::vector<Record::Field> fields, std::vector<std::string> bases = {});
  /// A free function; its id is its name.
  FunctionBuilder& function(std::string name);
  FunctionBuilder& main() { return function("main"); }
  /// A public method of the class before the last `::`.
  FunctionBuilder& method(std::string name);
  FunctionBuilder& constructor(std::string record);
  FunctionBuilder& destructor(std::string record);

  bool isGlobal(std::string_view name) const;
  TuFacts build() const;
  Program link() const;

 private:
  FunctionBuilder& add(std::string id, Function::Kind kind);
  std::string mainFile_;
  std::vector<GlobalVariable> globals_;
  std::vector<Record> records_;
  std::deque<FunctionBuilder> functions_;
};

/// A field of the given kind.
Record::Field field(std::string name, Record::Field::Kind kind = Record::Field::Kind::Plain);

}  // namespace deadheat
