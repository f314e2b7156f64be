#include "analyzers/facts/dump.h"

#include <type_traits>

namespace deadheat {
namespace {

std::string join(const std::string& a, const std::string& b) { return b.empty() ? a : a + " " + b; }

std::string rootText(const Root& root, const DumpOptions& options) {
  const std::string name = options.places || root.display.empty() ? root.name : root.display;
  switch (root.kind) {
    case RootKind::Global:
      return root.display.empty() ? root.name : root.display;
    case RootKind::ThreadLocal:
      return "tls " + (root.display.empty() ? root.name : root.display);
    case RootKind::Parameter:
      return "%" + (root.display.empty() ? std::to_string(root.index) : root.display);
    case RootKind::This:
      return "this";
    case RootKind::Local:
      return (root.name.starts_with("$") ? "" : "$") + (root.name.starts_with("$") ? name : root.name);
    case RootKind::Allocation:
    case RootKind::Result:
      return name;
    case RootKind::Unknown:
      break;
  }
  return "?";
}

std::string calleeText(const Callee& callee, const DumpOptions& options) {
  switch (callee.kind) {
    case Callee::Kind::Direct:
      return callee.name;
    case Callee::Kind::Virtual:
      return "virtual " + callee.name;
    case Callee::Kind::Indirect:
      break;
  }
  return "[" + dump(callee.target, options) + "]";
}

std::string invocation(const Callee& callee, const std::optional<Value>& receiver, const std::vector<Value>& arguments,
                       const DumpOptions& options) {
  std::string text = calleeText(callee, options) + "(";
  bool first = true;
  for (const Value& argument : arguments) {
    text += (first ? "" : ", ") + dump(argument, options);
    first = false;
  }
  text += ")";
  return receiver ? text + " on " + dump(*receiver, options) : text;
}

const char* runText(Resumption runs) {
  static constexpr const char* kWhere[] = {"", " on the same thread", " on its executor", " on any thread"};
  return kWhere[static_cast<unsigned>(runs)];
}

const char* orderText(MemoryOrder order) {
  static constexpr const char* kNames[] = {"", "relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"};
  return kNames[static_cast<unsigned>(order)];
}

/// Writes the words of one event.
struct Words {
  const DumpOptions& options;

  std::string text(const Path& path) const { return dump(path, options); }
  std::string list(const std::vector<Path>& paths) const {
    std::string all;
    for (const Path& path : paths) all += " " + text(path);
    return all;
  }

  std::string operator()(const Access& access) const {
    static constexpr const char* kKinds[] = {"read", "write", "read-write"};
    std::string line = kKinds[static_cast<unsigned>(access.kind)];
    line += " " + text(access.path);
    if (access.atomicity == Atomicity::Volatile) line += " volatile";
    if (access.atomicity == Atomicity::Atomic) line += " atomic";
    line = join(line, orderText(access.order));
    return access.operation.empty() ? line : line + " by " + access.operation;
  }
  std::string operator()(const Acquire& acquire) const {
    std::string line = "acquire " + text(acquire.lock);
    if (acquire.mode == LockMode::Shared) line += " shared";
    if (acquire.wait == LockWait::Try) line += " try";
    if (acquire.wait == LockWait::Timed) line += " timed";
    if (acquire.holder == LockHolder::Guard) line += " guard";
    if (acquire.recursion == Recursion::Yes) line += " recursive";
    if (acquire.byTask) line += " by the task";
    if (acquire.group != 0) line += " group " + std::to_string(acquire.group);
    return line;
  }
  std::string operator()(const Release& release) const {
    std::string line = "release " + text(release.lock);
    if (release.mode == LockMode::Shared) line += " shared";
    return release.holder == LockHolder::Guard ? line + " guard" : line;
  }
  std::string operator()(const Call& call) const {
    std::string line = "call " + invocation(call.callee, call.receiver, call.arguments, options);
    if (call.result.known()) line += " -> " + text(call.result);
    static constexpr const char* kTasks[] = {"", " awaited", " as a task"};
    return line + kTasks[static_cast<unsigned>(call.task)];
  }
  std::string operator()(const Spawn& spawn) const {
    std::string line = "spawn " + invocation(spawn.entry, spawn.receiver, spawn.arguments, options);
    if (spawn.handle.known()) line += " as " + text(spawn.handle);
    line += runText(spawn.runs);
    return line + " by " + spawn.how + (spawn.signals == SignalSource::Fault ? " for faults" : "");
  }
  std::string operator()(const Join& join) const {
    return std::string("join ") + (join.ofResult ? "result of " : "") + text(join.handle) +
           (join.by == Join::By::End ? " at its end" : join.by == Join::By::Await ? " by awaiting" : "");
  }
  std::string operator()(const Detach& detach) const { return "detach " + text(detach.handle); }
  std::string operator()(const Abandon& abandon) const {
    static constexpr const char* kHow[] = {"destroy thread ", "overwrite thread ", "no thread in "};
    return kHow[static_cast<unsigned>(abandon.how)] + text(abandon.handle);
  }
  std::string operator()(const ResultUse& use) const {
    static constexpr const char* kHow[] = {"begin", "defer", "empty", "store",  "hand out", "take",
                                           "await", "poll",  "test",  "leave", "end"};
    return kHow[static_cast<unsigned>(use.how)] +
           std::string(use.side == ResultUse::Side::Maker ? " promise " : " future ") + text(use.object);
  }
  std::string operator()(const Awaited& awaited) const { return "awaited " + text(awaited.state); }
  std::string operator()(const Wait& wait) const {
    static constexpr const char* kGuarded[] = {"", " in a loop", " with a predicate"};
    return (wait.timed ? "timed wait " : "wait ") + text(wait.condition) + " releasing " + text(wait.lock) +
           kGuarded[static_cast<unsigned>(wait.guarded)];
  }
  std::string operator()(const Notify& notify) const {
    return std::string("notify ") + (notify.whom == Notify::Whom::All ? "all " : "one ") + text(notify.condition);
  }
  std::string operator()(const Block& block) const {
    return "block on " + block.what + (block.object.known() ? " " + text(block.object) : "");
  }
  std::string operator()(const LibraryCall& call) const {
    static constexpr const char* kInSignal[] = {"", " unlisted", " unsafe", " masks"};
    std::string line = "library " + call.function + kInSignal[static_cast<unsigned>(call.inSignal)] + " in signals";
    if (call.inSignal == LibraryCall::InSignal::Safe) line = "library " + call.function;
    for (const std::string& state : call.states) {
      line += (call.access == AccessKind::Read ? " reads " : " changes ") + state;
    }
    return line;
  }
  std::string operator()(const Suspend& suspend) const {
    std::string line = "suspend " + suspend.what;
    if (suspend.awaited.known()) line += " for " + text(suspend.awaited);
    return line + (suspend.resumes == Resumption::Unknown ? "" : " resumed") + runText(suspend.resumes);
  }
  std::string operator()(const Resume& resume) const {
    return (resume.how == Resume::How::Resume ? "resume " : "destroy task ") + text(resume.handle);
  }
  std::string operator()(const Assign& assign) const {
    return "assign " + text(assign.target) + " = " + dump(assign.value, options);
  }
  std::string operator()(const Compute& compute) const {
    const std::string line = "compute " + text(compute.target);
    if (!compute.constant.empty()) return line + " as " + compute.constant;
    return compute.from.empty() ? line : line + " from" + list(compute.from);
  }
  std::string operator()(const Allocate& allocate) const {
    return "allocate " + text(allocate.object) + " " + allocate.type;
  }
  std::string operator()(const Free& free) const { return "free " + text(free.object); }
  std::string operator()(const Escape& escape) const { return "escape " + dump(escape.value, options); }
  std::string operator()(const Return& result) const {
    return "return " + dump(result.value, options) + (result.from.empty() ? "" : " from" + list(result.from));
  }
  std::string operator()(const Branch& branch) const {
    std::string line = "if " + branch.text;
    if (!branch.tested.known()) return line + " on" + list(branch.depends);
    line += branch.negated ? " tests not " : " tests ";
    return line + text(branch.tested) + (branch.against.empty() ? "" : " being " + branch.against);
  }
  std::string operator()(const Sync& sync) const {
    static constexpr const char* kKinds[] = {"barrier", "task begin", "task wait", "task group end", "turn"};
    std::string line = kKinds[static_cast<unsigned>(sync.kind)];
    if (sync.region != 0) line += " of region " + std::to_string(sync.region);
    for (const Dependence& dependence : sync.dependences) line += " for " + text(dependence.object);
    return line;
  }
  std::string operator()(const Lifetime& lifetime) const {
    const bool begins = lifetime.phase == Lifetime::Phase::Begins;
    std::string line = (begins ? "begin " : "end ") + text(lifetime.object);
    return begins && lifetime.recursion == Recursion::Yes ? line + " recursive" : line;
  }
  std::string operator()(const Flag& flag) const {
    return "flag " + text(flag.target) + (flag.constant ? " = " + (flag.constant->empty() ? "0" : *flag.constant) : "");
  }
  std::string operator()(const Throw&) const { return "throw"; }
  std::string operator()(const GuardStart& start) const {
    static constexpr const char* kHow[] = {"empty", "deferred", "adopted", "tried"};
    std::string line = "guard " + text(start.guard) + " " + kHow[static_cast<unsigned>(start.how)];
    return start.lock.known() ? line + " " + text(start.lock) : line;
  }
};

}  // namespace

std::string dump(const Path& path, const DumpOptions& options) {
  std::string text = rootText(path.root, options);
  for (const PathStep& step : path.steps) {
    switch (step.kind) {
      case PathStep::Kind::Field:
        text += "." + step.name;
        break;
      case PathStep::Kind::Deref:
        text += "*";
        break;
      case PathStep::Kind::Element:
        text += (step.record.empty() ? "[" : "[+") + step.name + "]";
        break;
    }
  }
  return path.cut ? text + "..." : text;
}

std::string dump(const Value& value, const DumpOptions& options) {
  auto shortId = [&] {
    const std::size_t slash = options.places ? std::string::npos : value.function.rfind('/');
    return slash == std::string::npos ? value.function : value.function.substr(slash + 1);
  };
  switch (value.kind) {
    case Value::Kind::Unknown:
      return "?";
    case Value::Kind::Constant:
      return value.number.empty() ? "constant" : "constant " + value.number;
    case Value::Kind::AddressOf:
      return "&" + dump(value.path, options);
    case Value::Kind::Load:
      return dump(value.path, options);
    case Value::Kind::Function:
      return "function " + shortId();
    case Value::Kind::Object:
      return "object " + dump(value.path, options);
  }
  return "?";
}

std::string dump(const Region& region) {
  static constexpr const char* kKinds[] = {"team", "league", "share", "loop", "lanes", "where",
                                           "single", "section", "task", "task group", "critical", "ordered"};
  static constexpr const char* kRelations[] = {" = 0", " != 0", " >= 0"};
  std::string text = kKinds[static_cast<unsigned>(region.kind)];
  for (const Range& range : region.ranges) {
    text += " " + range.variable;
    for (const std::string& lower : range.lower) text += " from " + lower;
    for (const std::string& upper : range.upper) text += " to " + upper;
    if (range.step != 1) text += " by " + std::to_string(range.step);
  }
  if (region.fixedShare) text += " fixed";
  if (region.keepsStep) text += " in step";
  if (region.repeats) text += " repeats";
  if (region.kind == Region::Kind::Lanes && region.distance != 0) text += " up to " + std::to_string(region.distance);
  if (region.kind == Region::Kind::Guard)
    return text + " " + region.condition + kRelations[static_cast<unsigned>(region.relation)];
  if (!region.name.empty()) text += " (" + region.name + ")";
  static constexpr const char* kDependences[] = {" in ", " out ", " exclusive "};
  for (const Dependence& dependence : region.dependences)
    text += kDependences[static_cast<unsigned>(dependence.kind)] + dump(dependence.object, {.places = false});
  return text;
}

std::string dump(const Event& event, const DumpOptions& options) {
  std::string line = std::visit(Words{options}, event.what);
  if (event.region != 0) line += " in region " + std::to_string(event.region);
  if (!options.places) return line;
  return std::to_string(event.location.line) + ":" + std::to_string(event.location.column) + " " + line;
}

std::string dump(const Branch& branch, const DumpOptions& options) { return Words{options}(branch); }

std::string dump(const Guard& guard, const DumpOptions& options) {
  return (guard.of == Guard::Of::Value ? "guarded by " : "pointee guarded by ") +
         (guard.lock.known() ? dump(guard.lock, options) : "any lock");
}

std::string dump(const Contract& contract, const DumpOptions& options) {
  static constexpr const char* kWords[] = {"requires", "excludes", "acquires", "releases", "tries", "asserts", "returns"};
  std::string text = kWords[static_cast<std::size_t>(contract.kind)];
  text += " " + dump(contract.lock, options);
  if (contract.mode == LockMode::Shared) text += " shared";
  if (contract.anyMode) text += " in any mode";
  if (contract.kind == Contract::Kind::Tries && !contract.success) text += " if false";
  return text;
}

std::string dump(const Function& function, const DumpOptions& options) {
  std::string text = function.name + (options.places ? " " + function.id : std::string()) + "\n";
  if (function.coroutine) {
    static constexpr const char* kStarts[] = {"", "lazy ", "eager "};
    text += std::string("  ") + kStarts[static_cast<unsigned>(function.coroutine->start)] +
            (function.coroutine->generator ? "generator " : "coroutine ") + function.coroutine->task + "\n";
  }
  for (const Contract& contract : function.contracts.all) text += "  " + dump(contract, options) + "\n";
  std::size_t number = 0;
  for (const Region& region : function.regions)
    text += "  region " + std::to_string(++number) + " in " + std::to_string(region.parent) + ": " + dump(region) + "\n";
  number = 0;
  for (const BasicBlock& block : function.blocks) {
    text += "  block " + std::to_string(number++) + " ->";
    for (const std::uint32_t next : block.successors) text += " " + std::to_string(next);
    text += "\n";
    for (const Event& event : block.events) text += "    " + dump(event, options) + "\n";
    if (block.branch && options.branches) text += "    " + Words{options}(*block.branch) + "\n";
  }
  return text;
}

std::string dump(const TuFacts& facts, const DumpOptions& options) {
  std::string text = facts.mainFile + "\n";
  for (const Function& function : facts.functions) text += dump(function, options);
  for (const Record& record : facts.records) text += "record " + record.name + "\n";
  for (const GlobalVariable& global : facts.globals) text += "global " + global.display + " " + global.type + "\n";
  for (const Diagnostic& diagnostic : facts.diagnostics) text += "diagnostic " + diagnostic.message + "\n";
  return text;
}

}  // namespace deadheat
