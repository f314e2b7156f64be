// coroutine-dangling: a task refers to something that is gone before the task is.
//
// For each task that a function starts, itself or in a method that it calls: what the task is given by reference and uses
// after a suspension, what becomes of the task, and which of those things end while it may still be resumed.
#include <algorithm>
#include <optional>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/frame_uses.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/task_fate.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"captured-reference", "data-race"};

constexpr CheckInfo kInfo = {
    .id = "coroutine-dangling",
    .title = "A task refers to something that may be gone when it goes on",
    .reason =
        R"(A coroutine copies its parameters into its frame, but a reference, a pointer, `this` and the captures of a lambda are
kept as what they are: addresses. So is a view: a `std::string_view`, a `std::span`, an iterator or a pointer into a
container is copied, and what it refers to is not; at a call it is made of a string without a word. Lambdas are worst,
since the captures belong to the lambda object and not to the frame.
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

  Task greet(std::string name);  // instead of const std::string& or std::string_view

Keep the object that a method's coroutine runs on alive by a shared_ptr in the frame (`auto self = shared_from_this();`),
pass to a lambda what it needs as parameters instead of captures, or await the task before what it refers to ends.)",
    .cwe = "CWE-416",
    .absorbs = kAbsorbed,
    .ofTasks = true,
};

/// Something that a task refers to.
struct Referred {
  PathId object = PathId::Unknown;  ///< Root of a variable, heap object or `this` of the function.
  std::string how;                  ///< "by its parameter 'name'".
  Location used;                    ///< Where the task uses it after a suspension.
  bool guessed = false;             ///< Only that the task uses the object which holds the pointer is known.
};

class Finder {
 public:
  Finder(const Program& program, FrameUses& uses, const FunctionView& view)
      : program_(program), paths_(program.tables().paths), uses_(uses), view_(view) {}

  void find(std::vector<Finding>& findings) {
    for (std::size_t t = 0; t < view_.threads.size(); ++t) {
      const ThreadFact& thread = view_.threads[t];
      if (!isTask(program_, thread) || thread.parent != kSelf || thread.spawner != view_.function) continue;
      lookAt(static_cast<ThreadNumber>(t), thread, findings);
    }
    lookAtMethods(findings);
    if (program_.function(view_.function).coroutine) lookAtResult(findings);
  }

  /// The task that the method leaves behind, which uses the object by its own captures or receiver, and where it does.
  std::optional<std::pair<const ThreadFact*, Location>> outlivingTask() {
    for (const ThreadFact& thread : view_.threads) {
      if (!isTask(program_, thread) || thread.spawner != view_.function) continue;
      if (fateOf(program_, view_, thread) != Fate::Detached) continue;
      for (const Referred& each : referredBy(thread))
        if (paths_.storage(each.object) == Storage::This) return std::pair(&thread, each.used);
    }
    return std::nullopt;
  }

 private:
  /// A coroutine, not a handler that an executor runs.
  bool isCoroutine(const ThreadFact& thread) const { return program_.function(thread.entry).coroutine.has_value(); }

  template <typename Visit>
  void eachStep(Visit visit) const {
    for (const BlockView& block : view_.blocks)
      for (const StepView& step : block.steps) visit(step);
  }

  bool isTemporary(PathId object) const {
    if (!paths_.isRoot(object)) return false;
    if (paths_.storage(object) == Storage::Result) return true;
    const std::string_view name = program_.tables().symbols.text(paths_[object].name);
    return paths_.storage(object) == Storage::Local && (name.starts_with("$tmp") || name.starts_with("$lambda"));
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
    const Function& entry = program_.function(thread.entry);
    for (const GivenPointer& given : step->given) {
      if (given.argument == GivenPointer::kReceiver)
        throughObject(given, use, entry, out);
      else if (given.field == Symbol::Empty)
        throughParameter(given, use, entry, out);
      else
        throughMember(given, use, entry, out);
    }
    return out;
  }

  std::string nameOfField(Symbol field) const { return quoted(std::string(program_.tables().symbols.text(field))); }

  static std::string nameOfParameter(const Function& entry, std::uint32_t index) {
    const std::string name = index < entry.parameters.size() ? entry.parameters[index].name : std::string();
    return name.empty() ? std::string("a parameter") : "its parameter " + quoted(name);
  }

  void throughObject(const GivenPointer& given, const FrameUse& use, const Function& entry,
                     std::vector<Referred>& out) const {
    const bool isLambda = entry.kind == Function::Kind::Lambda;
    if (given.field == Symbol::Empty && use.ofObject)
      add(given, isLambda ? "by its own captures" : "as its object", *use.ofObject, false, out);
    auto captured = use.captures.find(given.field);
    if (captured != use.captures.end() && isLambda)
      add(given, "by its capture of " + nameOfField(given.field), captured->second, false, out);
  }

  void throughParameter(const GivenPointer& given, const FrameUse& use, const Function& entry,
                        std::vector<Referred>& out) const {
    const std::string how = "by " + nameOfParameter(entry, given.argument);
    if (auto followed = use.parameters.find(given.argument); followed != use.parameters.end())
      add(given, how, followed->second, false, out);
    else if (auto passed = use.wholes.find(given.argument); passed != use.wholes.end())
      add(given, how, passed->second, false, out);
  }

  /// A pointer in an object that the frame has its own copy of.
  void throughMember(const GivenPointer& given, const FrameUse& use, const Function& entry,
                     std::vector<Referred>& out) const {
    const bool isView = program_.tables().symbols.text(given.field) == "$view";
    const std::string parameter = nameOfParameter(entry, given.argument);
    const std::string how =
        "by " + (isView ? parameter : "the member " + nameOfField(given.field) + " of " + parameter);
    if (auto followed = use.members.find({given.argument, given.field}); followed != use.members.end())
      add(given, how, followed->second, false, out);
    else if (auto passed = use.wholes.find(given.argument); passed != use.wholes.end())
      add(given, how, passed->second, !isView, out);
  }

  void add(const GivenPointer& given, std::string how, Location used, bool guessed, std::vector<Referred>& out) const {
    if (paths_.passes(given.object, PathNode::Kind::Deref)) return;
    const PathId object = paths_[given.object].root;
    // What a variable is bound to lives as long as that.
    if (paths_.storage(object) == Storage::Result && !given.direct) return;
    out.push_back({object, std::move(how), used, guessed});
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

  /// Whether what the function calls while the task is there resumes coroutines, of which it may be one.
  bool resumesOthers(const ThreadFact& thread) const {
    bool any = false;
    const std::size_t number = static_cast<std::size_t>(&thread - view_.threads.data());
    eachStep([&](const StepView& step) {
      any |= number < view_.threads.size() && (step.live & threadBit(static_cast<ThreadNumber>(number))) &&
             mayRunTasks(program_, step);
    });
    return any;
  }

  /// Whether a step that comes after the task has started is awaited or otherwise used: it is resumed later on.
  bool isUsedLater(const ThreadFact& thread) const {
    bool used = false;
    eachStep([&](const StepView& step) {
      const auto* join = std::get_if<Join>(step.step->what);
      // A join under the result's own name is in the same full expression.
      const bool isVariable = paths_.storage(step.step->path) != Storage::Result;
      if (join && isVariable && namesTask(paths_, thread, step.path)) used = true;
      if (std::holds_alternative<Resume>(*step.step->what) && namesTask(paths_, thread, step.path)) used = true;
    });
    return used;
  }

  void lookAt(ThreadNumber number, const ThreadFact& thread, std::vector<Finding>& findings) {
    const std::vector<Referred> referred = referredBy(thread);
    if (referred.empty()) return;
    const Fate fate = fateOf(program_, view_, thread);
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
    if (!reported_.insert({&thread, referred.object}).second) return;
    Finding& out = report(thread, referred, thread.location, findings);
    out.message += ", a temporary that is gone at the end of the statement";
    rate(out, Confidence::High, "the task is kept longer than the temporary, and uses it when it goes on");
    doubt(referred, out);
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
    doubt(referred, out);
    if (fate == Fate::Stored && resumesOthers(thread))
      rate(out, Confidence::Low, "the function calls what resumes coroutines, which may end the task");
    if (waits()) rate(out, Confidence::Low, "the function waits for something, which may be the end of the task");
    if (program_.function(view_.function).name == "main")
      rate(out, Confidence::Low, "main ends with the program");
  }

  static void doubt(const Referred& referred, Finding& out) {
    if (referred.guessed) rate(out, Confidence::Medium, "that the task follows this pointer of the object is assumed");
  }

  Finding& report(const ThreadFact& thread, const Referred& referred, Location end, std::vector<Finding>& findings) {
    const std::string name =
        isTemporary(referred.object) ? std::string("temporary") : nameOf(program_, referred.object);
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
           program_.point(referred.used),
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
          ending(static_cast<ThreadNumber>(t), view_.threads[t], {object, "as its object", left->second},
                 Fate::Detached, findings);
      }
    });
  }

  /// A view or pointer that the coroutine itself gives back, of an object of its own.
  void lookAtResult(std::vector<Finding>& findings) {
    eachStep([&](const StepView& step) {
      if (!std::holds_alternative<Return>(*step.step->what) || step.value.kind != Value::Kind::AddressOf) return;
      const PathId given = step.value.path;
      if (given == PathId::Unknown || paths_.passes(given, PathNode::Kind::Deref)) return;
      const PathId object = paths_[given].root;
      const Storage storage = paths_.storage(object);
      if (storage != Storage::Local && storage != Storage::Parameter) return;
      const std::string name = isTemporary(object) ? std::string("temporary") : nameOf(program_, object);
      Finding out = findingAt(program_, kInfo.id, momentAt(view_, step), name, "gives back what refers to it");
      out.message = "The task " + quoted(program_.functionName(view_.function)) +
                    " gives back a view of or pointer to " + (isTemporary(object) ? name : quoted(name)) +
                    ", which ends with its frame";
      out.fixHint = "Give back the object itself, or refer to one that the caller owns.";
      rate(out, Confidence::High, "the objects of the coroutine are gone when the result is looked at");
      findings.push_back(std::move(out));
    });
  }

  const Program& program_;
  const PathTable& paths_;
  FrameUses& uses_;
  const FunctionView& view_;
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
    if (!view.threads.empty() || program.function(view.function).coroutine) Finder(program, uses, view).find(findings);
  });
  return findings;
}

}  // namespace

extern const Check kCoroutineDangling;
const Check kCoroutineDangling = {.info = kInfo, .run = run};

}  // namespace deadheat
