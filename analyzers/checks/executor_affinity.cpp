// executor-affinity: data that the tasks of one event loop, strand or single thread share is used outside of them as
// well.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/task_queues.h"
#include "analyzers/checks/witness.h"
#include "analyzers/link/executor_turns.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "executor-affinity";
constexpr const char* kHint = "Give the work that needs it to the same loop or strand as a task.";

/// The task of a queue that the access is made in, on the one thread that works the queue off; None if it is not.
FunctionIndex taskOf(const Program& program, const Scope& scope, const SharedAccess& access) {
  const Actor& actor = scope.actors[access.actor];
  if (actor.kind != Actor::Kind::Thread) return FunctionIndex::None;
  if (turnOf(program.tables(), actor.thread.handles) != PathId::Unknown) return actor.entry;
  if (scope.isMany(access.actor)) return FunctionIndex::None;
  const Traces& traces = program.tables().traces;
  for (TraceId at = access.fact.trace; at != TraceId::Here; at = traces[at].rest) {
    const Trace step = traces[at];
    if (step.kind == Trace::Kind::Call && runsQueued(program, step.function, step.location)) return step.callee;
  }
  return FunctionIndex::None;
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const FunctionIndex a = taskOf(program, *pair.scope, *pair.a), b = taskOf(program, *pair.scope, *pair.b);
  if ((a == FunctionIndex::None) == (b == FunctionIndex::None)) return false;
  const bool isA = a != FunctionIndex::None;
  const SharedAccess& inside = isA ? *pair.a : *pair.b;
  const SharedAccess& outside = isA ? *pair.b : *pair.a;
  const std::string name = quoted(finding.subjects.front());
  finding.check = kId;
  finding.message = name + " belongs to the tasks of " +
                    quoted(program.functionName(pair.scope->actors[inside.actor].entry)) +
                    ", which run one at a time, and " + quoted(program.functionName(outside.fact.function)) +
                    " uses it outside of them: " + meetingText(program, pair);
  finding.fixHint = kHint;
  return true;
}

/// Members of a class that its methods use in tasks which they give to one thread's queue, and elsewhere as well.
class Members {
 public:
  explicit Members(const Program& program) : program_(program), paths_(program.tables().paths) {}

  std::vector<Finding> find() {
    const std::vector<TaskQueue> queues = taskQueues(program_);
    for (const TaskQueue& queue : queues) {
      if (queue.many) continue;
      outside_.clear();
      reachFrom(queue);
      for (const QueuedTask& task : queue.tasks) noteInside(queue, task);
    }
    for (const auto& [member, use] : inside_) lookOutside(member, use);
    return std::move(findings_);
  }

 private:
  struct Use {
    AccessFact access;  ///< Writes, if any does.
    const QueuedTask* task = nullptr;
    FunctionIndex entry = FunctionIndex::None;
    std::string record;  ///< The class whose method gives the task.
    std::set<FunctionIndex> outside;
  };

  /// What is called, directly, by main and by threads that do not work the queue off.
  void reachFrom(const TaskQueue& queue) {
    std::vector<FunctionIndex> work;
    const auto& all = program_.bodies().functions;
    for (std::size_t f = 0; f < all.size(); ++f) {
      const auto self = static_cast<FunctionIndex>(f);
      if (program_.function(self).name == "main") work.push_back(self);
      for (const CallSite& call : all[f].calls)
        if (call.spawn && !call.guessed)
          for (FunctionIndex target : call.targets)
            if (target != queue.entry) work.push_back(target);
    }
    while (!work.empty()) {
      const FunctionIndex f = work.back();
      work.pop_back();
      if (!outside_.insert(f).second) continue;
      for (const CallSite& call : program_.bodies()[f].calls)
        if (!call.spawn && !call.guessed && call.kind == Callee::Kind::Direct)
          work.insert(work.end(), call.targets.begin(), call.targets.end());
    }
  }

  static bool isPlain(const AccessFact& access) {
    return access.thread == kSelf && access.held == LocksetId::Empty && access.atomicity == Atomicity::Plain &&
           !access.frees && !access.beginning && !access.ending && !access.guessed;
  }

  /// The member of the object that `path` starts at, if it is an own part of it. A closure has the object in `this`.
  FieldName memberOf(PathId path, bool inClosure) const {
    const std::vector<PathId> steps = paths_.prefixes(path);
    const std::size_t at = inClosure ? 3 : 1;
    if (paths_.storage(path) != Storage::This || steps.size() <= at) return {};
    const bool isThis = !inClosure || (program_.tables().symbols.text(paths_[steps[1]].name) == "this" &&
                                       paths_[steps[2]].kind == PathNode::Kind::Deref);
    const PathNode& node = paths_[steps[at]];
    if (!isThis || node.kind != PathNode::Kind::Field) return {};
    for (std::size_t i = at; i < steps.size(); ++i)
      if (paths_[steps[i]].kind == PathNode::Kind::Deref) return {};
    return {node.record, node.name};
  }

  void noteInside(const TaskQueue& queue, const QueuedTask& task) {
    const std::string& record = program_.function(task.poster).record;
    if (record.empty()) return;
    for (const AccessFact& access : program_.accesses(task.body)) {
      const FieldName member = memberOf(access.path, true);
      if (member == FieldName{} || !isPlain(access) || !isData(program_, access.path)) continue;
      Use& use = inside_[member];
      if (use.task && (use.access.writes() || !access.writes())) continue;
      use = {access, &task, queue.entry, record, outside_};
    }
  }

  void lookOutside(FieldName member, const Use& use) {
    const AccessFact* best = nullptr;
    std::vector<AccessFact> kept;
    for (FunctionIndex f : use.outside) {
      const Function& function = program_.function(f);
      if (function.record != use.record || function.kind != Function::Kind::Method || function.isStatic) continue;
      for (const AccessFact& access : program_.summary(f).accesses) {
        if (access.function != f || !isPlain(access) || memberOf(access.path, false) != member) continue;
        if (access.writes() || use.access.writes()) kept.push_back(access);
      }
    }
    for (const AccessFact& access : kept)
      if (!best || (access.writes() && !best->writes())) best = &access;
    if (best) report(use, *best);
  }

  void report(const Use& use, const AccessFact& outside) {
    const std::string name = program_.shortText(outside.path);
    const std::string inner = program_.functionName(use.access.function),
                      outer = program_.functionName(outside.function);
    Finding out;
    out.check = kId;
    out.location = program_.point(outside.location);
    out.subjects = {name};
    out.functions = {outer};
    if (inner != outer) out.functions.push_back(inner);
    std::sort(out.functions.begin(), out.functions.end());
    out.message = quoted(name) + " belongs to the tasks of " + quoted(program_.functionName(use.entry)) +
                  ", which run one at a time, and " + quoted(outer) + " uses it outside of them";
    out.witness = {witnessThread(program_, nullptr, 0, outside, accessStep(program_, outside)),
                   witnessThread(program_, nullptr, 0, use.access, accessStep(program_, use.access))};
    out.witness.back().name = "thread " + quoted(program_.functionName(use.entry));
    out.sites = {accessSite(program_, outside), accessSite(program_, use.access)};
    out.confidence = Confidence::Medium;
    out.confidenceReason = "the queue may not be worked off yet, or no longer, when it is used outside";
    out.fixHint = kHint;
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  std::set<FunctionIndex> outside_;
  std::map<FieldName, Use> inside_;
  std::vector<Finding> findings_;
};

std::vector<Finding> run(const Program& program) { return Members(program).find(); }

constexpr std::string_view kAbsorbed[] = {"data-race"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "Data of an event loop, strand or single-threaded executor is used outside of it",
    .reason =
        R"(What only the tasks of one event loop, strand or thread use needs no lock: they run one at a time. That holds as
long as nobody else uses it. A getter that is called from another thread, a handler that is posted to the pool instead of
the strand, a timer that calls back on its own thread: each of them meets the tasks at any moment, and no lock is in
between.)",
    .example = R"(Loop loop;  // one thread that runs what is posted
std::map<int, Order> orders;

void add(Order order) {
  loop.post([order] { orders[order.id] = order; });
}
std::size_t pending() { return orders.size(); }  // on the caller's thread)",
    .fix =
        R"(Ask on the loop, and wait for the answer elsewhere:

  std::future<std::size_t> pending() {
    return loop.submit([] { return orders.size(); });
  }

or keep a copy for others, atomic or under a lock.)",
    .cwe = "CWE-362",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kExecutorAffinity;
const Check kExecutorAffinity = {.info = kInfo, .run = run, .recognise = recognise};

}  // namespace deadheat
