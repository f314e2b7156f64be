// coroutine-dangling: a task refers to something that is gone before the task is.
//
// For each task that a function starts, itself or in a method that it calls: what the task is given by reference and uses
// after a suspension, what becomes of the task, and which of those things end while it may still be resumed.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/frame_uses.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/link/executor_turns.h"
#include "analyzers/link/handles.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"captured-reference", "data-race"};

constexpr CheckInfo kInfo = {
    .id = "coroutine-dangling",
    .title = "A task refers to something that may be gone when it goes on",
    .reason =
        R"(A coroutine copies its parameters into its frame, but a reference, a pointer, `this` and the captures of a lambda are
kept as what they are: addresses. Lambdas are worst, since the captures belong to the lambda object and not to the frame.
As long as the caller awaits the task at once all of them live long enough. A task that is stored, returned, detached or
given to an executor goes on later, when the caller's locals and temporaries are gone, and reads memory that belongs to
something else.)",
    .example = R"(Task greet(const std::string& name) {
  co_await timer(1s);
  print(name);
}
void onConnect(Scope& scope) {
  std::string name = "guest";
  scope.spawn(greet(name));  // greet goes on when name is gone
})",
    .fix =
        R"(Take by value what is used after a co_await, so that the frame owns it:

  Task greet(std::string name);

Keep the object that a method's coroutine runs on alive by a shared_ptr in the frame (`auto self = shared_from_this();`),
pass to a lambda what it needs as parameters instead of captures, or await the task before what it refers to ends.)",
    .cwe = "CWE-416",
    .absorbs = kAbsorbed,
    .ofTasks = true,
};

/// What becomes of a task that is not awaited where it is made.
enum class Fate : std::uint8_t {
  Kept,      ///< In a variable of the function only.
  PassedOn,  ///< To code that may wait for it.
  Returned,
  Stored,    ///< Where it outlives the function.
  Detached,  ///< Runs on its own.
};

bool isOwnVariable(const PathTable& paths, PathId path) {
  const Storage storage = paths.storage(path);
  return (storage == Storage::Local || storage == Storage::Parameter || storage == Storage::Result) &&
         !paths.passes(path, PathNode::Kind::Deref);
}

/// Something that a task refers to.
struct Referred {
  PathId object = PathId::Unknown;  ///< Root of a variable, heap object or `this` of the function.
  std::string how;                  ///< "by its parameter 'name'".
};

class Finder {
 public:
  Finder(const Program& program, FrameUses& uses, const FunctionView& view)
      : program_(program), paths_(program.tables().paths), uses_(uses), view_(view) {}

  void find(std::vector<Finding>& findings) {
    eachStep([&](const StepView& step) { noteCapture(step); });
    for (std::size_t t = 0; t < view_.threads.size(); ++t) {
      const ThreadFact& thread = view_.threads[t];
      if (!isTask(thread) || thread.parent != kSelf) continue;
      const bool isOwn = thread.spawner == view_.function;
      if (!isOwn) continue;
      lookAt(static_cast<ThreadNumber>(t), thread, findings);
    }
    lookAtMethods(findings);
  }

  /// Whether the method starts a task that outlives the call and uses the object: by its own captures or receiver.
  std::optional<std::pair<const ThreadFact*, Location>> outlivingTask() {
    eachStep([&](const StepView& step) { noteCapture(step); });
    for (std::size_t t = 0; t < view_.threads.size(); ++t) {
      const ThreadFact& thread = view_.threads[t];
      if (!isTask(thread) || thread.spawner != view_.function || fateOf(thread) != Fate::Detached) continue;
      for (const Referred& each : referredBy(thread))
        if (paths_.storage(each.object) == Storage::This) return std::pair(&thread, thread.location);
    }
    return std::nullopt;
  }

 private:
  /// A coroutine, or a handler that an executor runs.
  bool isTask(const ThreadFact& thread) const {
    return thread.facts && thread.facts->where == SpawnWhere::Task && thread.entry != FunctionIndex::None &&
           (isCoroutine(thread) || thread.facts->runs != Resumption::Unknown);
  }
  bool isCoroutine(const ThreadFact& thread) const { return program_.function(thread.entry).coroutine.has_value(); }

  template <typename Visit>
  void eachStep(Visit visit) const {
    for (const BlockView& block : view_.blocks)
      for (const StepView& step : block.steps) visit(step);
  }

  /// `closure.field = &variable`, or a captured `this`.
  void noteCapture(const StepView& step) {
    if (!std::holds_alternative<Assign>(*step.step->what) || paths_[step.step->path].kind != PathNode::Kind::Field) return;
    if (step.value.path == PathId::Unknown || step.value.kind != Value::Kind::AddressOf) return;
    if (paths_.passes(step.value.path, PathNode::Kind::Deref)) return;  // What a reference refers to is another's.
    captures_[paths_[step.step->path].root].push_back({paths_[step.step->path].name, paths_[step.value.path].root});
  }

  bool isTemporary(PathId object) const {
    if (!paths_.isRoot(object) || paths_.storage(object) != Storage::Local) return false;
    const std::string_view name = program_.tables().symbols.text(paths_[object].name);
    return name.starts_with("$tmp") || name.starts_with("$lambda");
  }

  const StepView* stepOf(const ThreadFact& thread) const {
    const StepView* found = nullptr;
    eachStep([&](const StepView& step) {
      if (step.step->what && std::get_if<Spawn>(step.step->what) == thread.facts) found = &step;
    });
    return found;
  }

  /// What the task is given and uses once it has been suspended.
  std::vector<Referred> referredBy(const ThreadFact& thread) {
    std::vector<Referred> out;
    const StepView* step = stepOf(thread);
    if (!step) return out;
    const FrameUse& use = uses_.of(thread.entry);
    const CallSite& call = view_.body->calls[step->step->call];
    const Function& entry = program_.function(thread.entry);
    for (std::uint32_t i = 0; i < call.arguments.size(); ++i) {
      if (call.arguments[i].kind != Value::Kind::AddressOf || !use.parameters.contains(i)) continue;
      const std::string name = i < entry.parameters.size() ? entry.parameters[i].name : std::string();
      add(call.arguments[i].path, name.empty() ? std::string("by reference") : "by its parameter " + quoted(name), out);
    }
    if (!call.receiver || call.receiver->path == PathId::Unknown || !use.ofObject) return out;
    const PathId receiver = paths_[call.receiver->path].root;
    if (call.receiver->kind == Value::Kind::AddressOf && !paths_.passes(call.receiver->path, PathNode::Kind::Deref))
      add(receiver, entry.kind == Function::Kind::Lambda ? "by its own captures" : "as its object", out);
    auto captured = captures_.find(receiver);
    if (captured == captures_.end()) return out;
    for (const auto& [field, variable] : captured->second)
      if (use.captures.contains(field))
        add(variable, "by its capture of " + quoted(std::string(program_.tables().symbols.text(field))), out);
    return out;
  }

  void add(PathId path, std::string how, std::vector<Referred>& out) const {
    if (path == PathId::Unknown || paths_.passes(path, PathNode::Kind::Deref)) return;
    out.push_back({paths_[path].root, std::move(how)});
  }

  bool names(const ThreadFact& thread, PathId path) const {
    return path != PathId::Unknown && std::any_of(thread.handles.begin(), thread.handles.end(), [&](PathId handle) {
             return sameHandle(paths_, handle, path);
           });
  }

  /// The strongest that any step says of the task.
  Fate fateOf(const ThreadFact& thread) const {
    const Function& entry = program_.function(thread.entry);
    Fate fate = Fate::Kept;
    bool used = false;
    auto raise = [&](Fate to) { fate = std::max(fate, to); };
    for (PathId handle : thread.handles)
      if (!isOwnVariable(paths_, handle)) raise(Fate::Stored);
    eachStep([&](const StepView& step) {
      const EventKind& what = *step.step->what;
      if (std::holds_alternative<Detach>(what) && names(thread, step.path)) raise(Fate::Detached);
      if (std::holds_alternative<Return>(what) && names(thread, step.value.path)) raise(Fate::Returned);
      if (std::holds_alternative<Assign>(what) && names(thread, step.value.path)) used = true;
      if (std::holds_alternative<Join>(what) && names(thread, step.path)) used = true;
      if (step.step->call == Step::kNoCall || std::get_if<Spawn>(&what) == thread.facts) return;
      const CallSite& call = view_.body->calls[step.step->call];
      auto passes = [&](const LinkedValue& value) { return names(thread, value.path); };
      const bool ends = std::ranges::all_of(step.targets, [&](FunctionIndex target) {
        return program_.function(target).kind == Function::Kind::Destructor;
      });
      const bool isDestructor = ends && !step.targets.empty();
      if (awaits(what)) return;
      if (std::any_of(call.arguments.begin(), call.arguments.end(), passes) ||
          (call.receiver && passes(*call.receiver) && !isDestructor)) {
        raise(Fate::PassedOn);
        used = true;
      }
    });
    // Started by a library call that takes a callable, with nothing to wait by.
    if (thread.facts->how != "coroutine" && (thread.handles.empty() || isHandler(program_.tables(), thread.handles)))
      raise(Fate::Detached);
    // A task whose frame ends itself needs nobody.
    const bool startsItself = entry.coroutine && entry.coroutine->endsItself && entry.coroutine->start == Coroutine::Start::Eager;
    if (startsItself && !used && fate == Fate::Kept) fate = Fate::Detached;
    return fate;
  }

  /// Whether the call is a part of awaiting, which says nothing of who has the task.
  static bool awaits(const EventKind& what) {
    const auto* call = std::get_if<Call>(&what);
    if (!call) return false;
    const llvm::StringRef name = llvm::StringRef(call->callee.name).rsplit("::").second;
    return name.starts_with("await_") || name == "operator co_await";
  }

  /// Whether the function waits for anything at all, which may be for the task.
  bool waits() const {
    bool any = false;
    eachStep([&](const StepView& step) {
      const EventKind& what = *step.step->what;
      const auto* block = std::get_if<Block>(&what);
      const auto* join = std::get_if<Join>(&what);
      any |= (block && block->what != "sleep") || std::holds_alternative<Wait>(what) || (join && join->by == Join::By::Call);
    });
    using Kind = OperationFact::Kind;
    return any || std::ranges::any_of(program_.operations(view_.function), [](const OperationFact& operation) {
             const auto* block = operation.facts ? std::get_if<Block>(operation.facts) : nullptr;
             return operation.thread == kSelf && (operation.kind == Kind::Wait || operation.kind == Kind::Switch ||
                                                  (block && operation.kind == Kind::Block && block->what == "run"));
           });
  }

  /// Whether a step that comes after the task has started is awaited or otherwise used: it is resumed later on.
  bool isUsedLater(const ThreadFact& thread) const {
    bool used = false;
    eachStep([&](const StepView& step) {
      const auto* join = std::get_if<Join>(step.step->what);
      // A join under the result's own name is in the same full expression.
      const bool isVariable = paths_.storage(step.step->path) != Storage::Result;
      if (join && isVariable && names(thread, step.path)) used = true;
      if (std::holds_alternative<Resume>(*step.step->what) && names(thread, step.path)) used = true;
    });
    return used;
  }

  void lookAt(ThreadNumber number, const ThreadFact& thread, std::vector<Finding>& findings) {
    const std::vector<Referred> referred = referredBy(thread);
    if (referred.empty()) return;
    const Fate fate = fateOf(thread);
    for (const Referred& each : referred) {
      if (isTemporary(each.object)) {
        temporary(thread, each, fate, findings);
      } else if (paths_.storage(each.object) == Storage::Local || paths_.storage(each.object) == Storage::Allocation) {
        ending(number, thread, each, fate, findings);
      } else if (paths_.storage(each.object) == Storage::Parameter && isGone(number)) {
        outlived(thread, each, fate, program_.function(view_.function).location, findings);
      }
    }
  }

  bool isGone(ThreadNumber number) const { return (program_.summary(view_.function).liveAtExit & threadBit(number)) != 0; }

  /// A temporary is gone at the end of the full expression. One that a lambda is kept in by whoever runs it is not ours.
  void temporary(const ThreadFact& thread, const Referred& referred, Fate fate, std::vector<Finding>& findings) {
    const bool isLibrarys = thread.facts->how != "coroutine";
    if (isLibrarys || fate == Fate::PassedOn) return;
    if (fate == Fate::Kept && !isUsedLater(thread)) return;
    Finding& out = report(thread, referred, thread.location, findings);
    out.message += ", a temporary that is gone at the end of the statement";
    rate(out, Confidence::High, "the task is kept longer than the temporary, and uses it when it goes on");
  }

  void ending(ThreadNumber number, const ThreadFact& thread, const Referred& referred, Fate fate,
              std::vector<Finding>& findings) {
    if (fate == Fate::Kept || fate == Fate::PassedOn) return;
    eachStep([&](const StepView& step) {
      const bool ends = std::holds_alternative<Free>(*step.step->what) && step.path == referred.object;
      if (ends && (step.live & threadBit(number))) outlived(thread, referred, fate, step.step->location, findings);
    });
  }

  void outlived(const ThreadFact& thread, const Referred& referred, Fate fate, Location end,
                std::vector<Finding>& findings) {
    if (fate == Fate::Kept || fate == Fate::PassedOn) return;
    if (!reported_.insert({&thread, referred.object}).second) return;
    Finding& out = report(thread, referred, end, findings);
    static constexpr const char* kFates[] = {"kept", "passed on", "returned", "stored", "detached"};
    out.message += std::string(", which ends with the function; the ") + (isCoroutine(thread) ? "task" : "handler") +
                   " is " + kFates[static_cast<unsigned>(fate)];
    if (fate == Fate::Returned || fate == Fate::Detached)
      rate(out, Confidence::High, "the task goes on after the function has returned");
    else
      rate(out, Confidence::Medium, "that nobody ends the stored task in time is assumed");
    if (waits()) rate(out, Confidence::Low, "the function waits for something, which may be the end of the task");
    if (program_.function(view_.function).name == "main")
      rate(out, Confidence::Low, "main ends with the program");
  }

  Finding& report(const ThreadFact& thread, const Referred& referred, Location end, std::vector<Finding>& findings) {
    const std::string name = paths_.storage(referred.object) == Storage::Local && isTemporary(referred.object)
                                 ? std::string("temporary")
                                 : nameOf(program_, referred.object);
    const std::string function = program_.functionName(view_.function), task = program_.functionName(thread.entry);
    Finding out;
    out.check = kInfo.id;
    out.location = program_.point(thread.location);
    out.subjects = {task, name};
    out.functions = {function, task};
    std::sort(out.functions.begin(), out.functions.end());
    out.functions.erase(std::unique(out.functions.begin(), out.functions.end()), out.functions.end());
    const std::string kind = isCoroutine(thread) ? "task " : "handler ";
    out.message = "The " + kind + quoted(task) +
                  (isCoroutine(thread) ? " uses, after it has been suspended, what " : " uses, when it runs, what ") +
                  quoted(function) + " gives it " + referred.how;
    if (!isTemporary(referred.object)) out.message += " (" + quoted(name) + ")";
    out.fixHint = "Let the frame own it: pass it by value or move it in, keep a shared_ptr, or await the task in time.";
    out.witness = {
        {"the function " + quoted(function),
         {{WitnessStep::Kind::Spawn, out.location, function, "starts the " + kind + quoted(task), {}, 0},
          {WitnessStep::Kind::Free, program_.point(end), function, "ends the life of what it refers to", {}, 0}}},
        {"the " + kind + quoted(task),
         {{WitnessStep::Kind::Read,
           program_.point(uses_.of(thread.entry).place),
           task,
           isCoroutine(thread) ? "uses it after a suspension" : "uses it",
           {},
           0}}}};
    findings.push_back(std::move(out));
    return findings.back();
  }

  /// Objects of the function on which a method was called that leaves a task behind.
  void lookAtMethods(std::vector<Finding>& findings) {
    eachStep([&](const StepView& step) {
      if (!std::holds_alternative<Call>(*step.step->what) || step.targets.size() != 1) return;
      const CallSite& call = view_.body->calls[step.step->call];
      if (!call.receiver || call.receiver->kind != Value::Kind::AddressOf) return;
      const PathId object = call.receiver->path;
      if (object == PathId::Unknown || !paths_.isRoot(object)) return;
      const Storage storage = paths_.storage(object);
      if (storage != Storage::Local && storage != Storage::Allocation) return;
      const FunctionIndex method = step.targets[0];
      if (program_.summary(method).threads.empty()) return;
      const FunctionView inner = program_.view(method);
      auto left = Finder(program_, uses_, inner).outlivingTask();
      if (!left) return;
      for (std::size_t t = 0; t < view_.threads.size(); ++t) {
        if (view_.threads[t].facts == left->first->facts)
          ending(static_cast<ThreadNumber>(t), view_.threads[t], {object, "as its object"}, Fate::Detached, findings);
      }
    });
  }

  const Program& program_;
  const PathTable& paths_;
  FrameUses& uses_;
  const FunctionView& view_;
  std::map<PathId, std::vector<std::pair<Symbol, PathId>>> captures_;  ///< Closure -> field and what it refers to.
  std::set<std::pair<const ThreadFact*, PathId>> reported_;
};

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  bool any = false;
  for (const Body& body : program.bodies().functions)
    any |= body.facts->coroutine || std::ranges::any_of(body.calls, [](const CallSite& call) { return call.spawn; });
  if (!any) return findings;
  FrameUses uses(program);
  program.forEachConcurrentFunction([&](const FunctionView& view) {
    if (!view.threads.empty()) Finder(program, uses, view).find(findings);
  });
  return findings;
}

}  // namespace

extern const Check kCoroutineDangling;
const Check kCoroutineDangling = {.info = kInfo, .run = run};

}  // namespace deadheat
