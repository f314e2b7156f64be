// blocking-in-task: a coroutine or fiber blocks the thread that has other tasks to run.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/held_operations.h"
#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/suspensions.h"
#include "analyzers/link/executor_turns.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

using Kind = OperationFact::Kind;

constexpr CheckInfo kInfo = {
    .id = "blocking-in-task",
    .title = "A task blocks the thread that other tasks need",
    .reason =
        R"(Tasks share threads: an event loop has one, a pool or a scheduler of fibers a few. A task that sleeps, waits for a thread,
a future or a condition, or reads from something that is not there yet keeps its thread from all of them; timers fire late
and connections time out though nothing computes. If what it waits for is itself a task of that thread, nobody goes on
at all.

What is awaited by co_await, or by the calls of the fiber library, lets the thread go on.)",
    .example = R"(Task poll(Device& device) {
  while (!device.ready()) std::this_thread::sleep_for(10ms);  // every other task waits, too
  co_await device.read();
})",
    .fix =
        R"(Await instead of blocking: a timer of the event loop instead of sleep, the asynchronous form of the operation, or a thread
pool that is there for blocking work, awaited:

  co_await timer.wait(10ms);
  auto text = co_await blockingPool.run([&] { return readFile(name); });)",
    .cwe = "CWE-833",
    .endsInHang = true,
    .ofTasks = true,
};

/// Calls between the task and the wait from which on nobody is told of it by default.
constexpr std::uint32_t kFar = 3;

struct Blocking {
  std::string text;
  Confidence confidence = Confidence::Medium;
  const char* reason = "";
};

class Finder {
 public:
  explicit Finder(const Program& program) : program_(program), evidence_(program) {
    std::size_t tasks = 0;
    for (std::uint32_t i = 0; i < program.bodies().functions.size(); ++i) {
      const auto f = static_cast<FunctionIndex>(i);
      tasks += isTask(f);
      for (const StepBlock& block : program.bodies()[f].blocks) {
        for (const Step& step : block.steps) {
          const auto* spawn = std::get_if<Spawn>(step.what);
          if (spawn && step.call != Step::kNoCall) noteStarted(*spawn, program.bodies()[f].calls[step.call].targets);
          if (const auto* block = std::get_if<Block>(step.what)) polls_ |= block->what == "events";
        }
      }
    }
    alone_ = tasks + fibers_.size() + handlers_.size() < 2;
    hasPool_ = std::ranges::any_of(program.scopes(), [](const Scope& scope) {
      for (std::uint32_t actor = 0; actor < scope.actors.size(); ++actor)
        if (scope.actors[actor].kind == Actor::Kind::Thread && isReal(scope.actors[actor].thread) && scope.isMany(actor))
          return true;
      return false;
    });
    if (tasks + fibers_.size() + handlers_.size() > 0) findSlowLocks();
  }

  std::vector<Finding> find() {
    for (std::uint32_t i = 0; i < program_.bodies().functions.size(); ++i) {
      const auto f = static_cast<FunctionIndex>(i);
      if (!isTask(f) && !fibers_.contains(f) && !handlers_.contains(f)) continue;
      for (const OperationFact& operation : program_.operations(f)) lookAt(f, operation);
      for (const AcquireFact& acquire : program_.summary(f).acquires) lookAt(f, acquire);
    }
    std::vector<Finding> out;
    for (auto& [place, finding] : found_) out.push_back(std::move(finding));
    return out;
  }

 private:
  /// A generator runs for whoever asks it.
  bool isTask(FunctionIndex f) const {
    const std::optional<Coroutine>& coroutine = program_.function(f).coroutine;
    return coroutine && !coroutine->generator;
  }

  void noteStarted(const Spawn& spawn, const std::vector<FunctionIndex>& targets) {
    const bool isHandler =
        spawn.where == SpawnWhere::Task && spawn.runs == Resumption::Executor && spawn.how != "coroutine";
    if (spawn.where == SpawnWhere::Fiber) fibers_.insert(targets.begin(), targets.end());
    if (!isHandler) return;
    handlers_.insert(targets.begin(), targets.end());
    isLoop_ |= llvm::StringRef(spawn.how).contains("async_");
  }

  std::string kindOf(FunctionIndex task) const {
    return fibers_.contains(task) ? "fiber " : isTask(task) ? "task " : "handler ";
  }

  /// A thread of its own, of which no library said what it is for.
  static bool isReal(const ThreadFact& thread) {
    return thread.facts && thread.facts->where == SpawnWhere::Thread && thread.entry != FunctionIndex::None;
  }

  /// Whether something says that the task goes on on the thread it started on, or on that of an event loop.
  bool isBoundToThread(FunctionIndex task) const {
    const Resumption resumes = program_.function(task).coroutine ? program_.function(task).coroutine->resumes
                                                                 : Resumption::Unknown;
    return resumes == Resumption::SameThread || resumes == Resumption::Executor;
  }

  /// Locks that somebody holds while he blocks: waiting for one of them takes as long.
  void findSlowLocks() {
    auto isSlow = [](const OperationFact& operation) {
      const auto* block = operation.facts ? std::get_if<Block>(operation.facts) : nullptr;
      return operation.kind == Kind::Join || (block && block->what != "output" && block->what != "events");
    };
    for (const OperationFact& operation : operationsUnderLocks(program_, isSlow))
      for (const HeldLock& lock : locksBeside(program_, operation))
        slow_.try_emplace(evidence_.keyOf(lock.lock), operation);
  }

  Blocking blockingOf(const OperationFact& operation) const {
    const auto* block = operation.facts ? std::get_if<Block>(operation.facts) : nullptr;
    const auto* join = operation.facts ? std::get_if<Join>(operation.facts) : nullptr;
    if (operation.kind == Kind::Wait) return {"waits for a condition", Confidence::Medium, "how long it waits is not known"};
    if (join && isLoop(program_.tables(), operation.object)) return {};
    if (join) {
      if (join->by == Join::By::End) return {"waits for another thread at the end of its handle", Confidence::Low,
                                             "few handles still stand for a running thread when they end"};
      if (join->by == Join::By::Try) return {"may wait for a result", Confidence::Low, "it may only look whether it is there"};
      return {join->ofResult ? "waits for a result" : "waits for the end of a thread or task", Confidence::Medium,
              "whether the other is over by then is not known"};
    }
    if (!block) return {};
    if (block->what == "sleep") return {"sleeps", Confidence::High, "it is certain to sleep"};
    if (block->what == "output") return {"may wait for output", Confidence::Low, "output seldom blocks for long"};
    if (block->what == "events" || block->what == "run") return {};  // Other tasks have their turn.
    if (block->what == "input" || block->what == "network")
      return {block->what == "input" ? "may wait for input" : "may wait for the network",
              polls_ ? Confidence::Low : Confidence::Medium,
              polls_ ? "the program polls, so that its input may never block" : "that the input can block is assumed"};
    return {"may wait for a " + block->what, Confidence::Medium, "how long it waits is not known"};
  }

  /// Whether the task has gone over to threads of a pool by then, which may be there to be blocked.
  bool isOnPool(FunctionIndex task, const Moment& moment) const {
    const Location at = moment.trace == TraceId::Here ? moment.location : program_.tables().traces[moment.trace].location;
    const FunctionView view = program_.view(task);
    const std::optional<StepPlace> place = Ways(view).find(at);
    if (!place) return false;
    const Suspensions suspensions(program_, view);
    for (const Suspension& each : suspensions.all())
      if (each.resumes == Resumption::Anywhere && Ways(view).follows(each.place, *place)) return true;
    return false;
  }

  /// The wait is one of the fiber library, in which its thread goes on with others.
  bool isSwitch(const OperationFact& operation) const {
    for (const StepBlock& block : program_.bodies()[operation.function].blocks)
      for (const Step& step : block.steps)
        if (step.location == operation.location && std::holds_alternative<Suspend>(*step.what)) return true;
    return false;
  }

  void lookAt(FunctionIndex task, const OperationFact& operation) {
    if (operation.thread != kSelf || operation.guessed) return;
    if (operation.kind != Kind::Block && operation.kind != Kind::Join && operation.kind != Kind::Wait) return;
    if (isSwitch(operation)) return;
    const Blocking blocking = blockingOf(operation);
    if (blocking.text.empty()) return;
    report(task, operation, blocking, WitnessStep::Kind::Wait, {});
  }

  void lookAt(FunctionIndex task, const AcquireFact& acquire) {
    if (acquire.thread != kSelf || acquire.once || acquire.wait != LockWait::Blocking) return;
    if (acquire.facts && acquire.facts->byTask) return;
    auto slow = slow_.find(evidence_.keyOf(acquire.lock));
    if (slow == slow_.end() || slow->second.function == acquire.function) return;
    const std::string lock = nameOf(program_, acquire.lock);
    report(task, acquire,
           {"waits for " + quoted(lock) + ", which " + quoted(program_.functionName(slow->second.function)) +
                " holds while it blocks",
            Confidence::Medium, "whether both happen at the same time is not known"},
           WitnessStep::Kind::Acquire, lock);
  }

  void report(FunctionIndex task, const Moment& moment, const Blocking& blocking, WitnessStep::Kind kind,
              const std::string& subject) {
    const std::uint32_t length = program_.tables().traces.length(moment.trace);
    auto known = found_.find(moment.location);
    if (known != found_.end() && length_[moment.location] <= length) return;
    length_[moment.location] = length;
    const std::string name = program_.functionName(task);
    Finding out = findingAt(program_, kInfo.id, moment, subject.empty() ? name : subject, blocking.text);
    out.witness.front().name = "the " + kindOf(task) + quoted(name);
    out.witness.front().steps.back().kind = kind;
    out.functions = {program_.functionName(moment.function)};
    if (moment.function != task) out.functions.push_back(name);
    std::sort(out.functions.begin(), out.functions.end());
    out.message = "The " + kindOf(task) + quoted(name) + " " + blocking.text +
                  (moment.function == task ? std::string() : " in " + quoted(program_.functionName(moment.function))) +
                  ": its thread can run no other task meanwhile";
    out.sites = {{Site::Kind::Block, out.location, program_.functionName(moment.function), {}}};
    out.fixHint = "Await it, or leave it to a thread that is there for it.";
    rate(out, blocking.confidence, blocking.reason);
    auto limit = [&](Confidence to, const char* reason) {
      if (out.confidence > to) rate(out, to, reason);
    };
    if (program_.function(moment.function).kind == Function::Kind::Destructor)
      limit(Confidence::Low, "few objects still have something to wait for when they end");
    if (alone_) limit(Confidence::Medium, "the program has no other task that would wait");
    if (hasPool_ && handlers_.contains(task))
      limit(Confidence::Low, "the program has threads of a kind, which may run handlers and be there to be blocked");
    if (!isLoop_ && handlers_.contains(task))
      limit(Confidence::Medium, "no operation that the handler would keep waiting is seen");
    if (hasPool_ && !fibers_.contains(task) && !isBoundToThread(task))
      limit(Confidence::Medium, "the program has threads of a kind, which may run the task and be there to be blocked");
    if (length > kFar) limit(Confidence::Low, "the call is far from the task, which may have its reasons");
    if (isOnPool(task, moment)) limit(Confidence::Low, "it runs on a pool by then, which may be there for what blocks");
    found_.insert_or_assign(moment.location, std::move(out));
  }

  const Program& program_;
  const LockEvidence evidence_;
  std::set<FunctionIndex> fibers_, handlers_;
  std::map<LockEvidence::Key, OperationFact> slow_;
  std::map<Location, Finding> found_;
  std::map<Location, std::uint32_t> length_;
  bool polls_ = false;
  bool isLoop_ = false;  ///< Some handler is that of an operation: there is an event loop.
  bool alone_ = false;
  bool hasPool_ = false;  ///< It starts several threads of one kind.
};

std::vector<Finding> run(const Program& program) {
  const auto& functions = program.bodies().functions;
  const bool any = std::any_of(functions.begin(), functions.end(), [](const Body& body) {
    if (body.facts->coroutine) return true;
    return std::any_of(body.calls.begin(), body.calls.end(), [](const CallSite& call) { return call.spawn; });
  });
  return any ? Finder(program).find() : std::vector<Finding>();
}

}  // namespace

extern const Check kBlockingInTask;
const Check kBlockingInTask = {.info = kInfo, .run = run};

}  // namespace deadheat
