// task-lifetime: a task that nobody runs, or a coroutine that is resumed or ended when it must not be.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/generator_range.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/ways.h"
#include "analyzers/link/handles.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"data-race"};

constexpr CheckInfo kInfo = {
    .id = "task-lifetime",
    .title = "A task is dropped before it ran, or resumed when it must not be",
    .reason =
        R"(Calling a lazy coroutine runs nothing of it: its body starts when the task is awaited or resumed. A task that is dropped
is destroyed, and what it was to do is silently left out.

A coroutine has one frame. Resuming it by a handle after the frame was destroyed, destroying it twice, or resuming it from
two threads at once, as with a generator that several of them draw from, is undefined. So is resuming one that has come to
its end: by its handle after `done()` was true, or by the iterator of a generator after it was equal to `end()`. An iterator
is nothing without its generator.)",
    .example = R"(Task<void> flush(Log& log);

Task<void> shutDown(Log& log) {
  flush(log);            // makes a task and drops it: nothing is flushed
  co_await close(log);
})",
    .fix =
        R"(Await the task, or give it to somebody who runs it:

  co_await flush(log);

Declare task types [[nodiscard]]. Set a handle to null when its frame is destroyed; let one owner resume it, under a lock if
several threads want values. Stop where the generator ends, and keep it as long as its iterators.)",
    .cwe = "CWE-672",
    .absorbs = kAbsorbed,
    .ofTasks = true,
};

/// Tasks and handles of one function.
class Finder {
 public:
  Finder(const Program& program, const FunctionView& view)
      : program_(program), paths_(program.tables().paths), view_(view) {}

  void find(std::vector<Finding>& findings) {
    for (const ThreadFact& thread : view_.threads)
      if (isCoroutine(thread) && thread.spawner == view_.function && thread.trace == TraceId::Here)
        lookAtTask(thread, findings);
    lookAtHandles(findings);
  }

 private:
  static bool isCoroutine(const ThreadFact& thread) {
    return thread.facts && thread.facts->where == SpawnWhere::Task && thread.facts->how == "coroutine" &&
           thread.entry != FunctionIndex::None;
  }

  template <typename Visit>
  void eachStep(Visit visit) const {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b)
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) visit(StepPlace{b, s}, view_.blocks[b].steps[s]);
  }

  bool names(const ThreadFact& thread, PathId path) const {
    return path != PathId::Unknown && std::any_of(thread.handles.begin(), thread.handles.end(), [&](PathId handle) {
             return sameHandle(paths_, handle, path) || paths_.hasPrefix(path, handle);
           });
  }

  bool isPlainLocal(PathId path) const {
    const Storage storage = paths_.storage(path);
    return (storage == Storage::Local || storage == Storage::Result) && paths_.isRoot(path);
  }

  bool onlyDestroys(const StepView& step) const {
    return !step.targets.empty() && std::ranges::all_of(step.targets, [&](FunctionIndex target) {
      return program_.function(target).kind == Function::Kind::Destructor;
    });
  }

  /// Whether anything but its end happens to the task.
  bool isUsed(const ThreadFact& thread) const {
    bool used = false;
    eachStep([&](StepPlace, const StepView& step) {
      const EventKind& what = *step.step->what;
      if (std::get_if<Spawn>(&what) == thread.facts || std::holds_alternative<Free>(what)) return;
      if (std::holds_alternative<Assign>(what)) {
        // Its own variable takes the result, which is how it gets its name.
        const bool isOwnName = isPlainLocal(step.step->path) && names(thread, step.step->path);
        used |= names(thread, step.value.path) && !isOwnName;
        return;
      }
      if (names(thread, step.path) || names(thread, step.value.path)) used = true;
      if (step.step->call == Step::kNoCall) return;
      const CallSite& call = view_.body->calls[step.step->call];
      used |= std::any_of(call.arguments.begin(), call.arguments.end(),
                          [&](const LinkedValue& argument) { return names(thread, argument.path); });
      if (call.receiver && names(thread, call.receiver->path) && !onlyDestroys(step)) used = true;
    });
    return used;
  }

  bool isKeptInVariable(const ThreadFact& thread) const {
    return std::any_of(thread.handles.begin(), thread.handles.end(), [&](PathId handle) {
      return paths_.storage(handle) == Storage::Local &&
             !program_.tables().symbols.text(paths_[handle].name).starts_with("$");
    });
  }

  void lookAtTask(const ThreadFact& thread, std::vector<Finding>& findings) {
    const std::optional<Coroutine>& coroutine = program_.function(thread.entry).coroutine;
    if (!coroutine || coroutine->start != Coroutine::Start::Lazy) return;
    const bool isLocal =
        std::all_of(thread.handles.begin(), thread.handles.end(), [&](PathId handle) { return isPlainLocal(handle); });
    if (!isLocal || isUsed(thread) || !(thread.handles.empty() || isKeptInVariable(thread))) return;
    const std::string task = program_.functionName(thread.entry), function = program_.functionName(view_.function);
    Moment moment;
    moment.function = view_.function;
    moment.location = thread.location;
    Finding out = findingAt(program_, kInfo.id, moment, task, "makes the task " + quoted(task) + " and lets it go");
    out.message = quoted(function) + " drops the task " + quoted(task) +
                  " without awaiting it: the coroutine is lazy, so that nothing of it ever runs";
    if (thread.handles.empty()) out.sites = {{Site::Kind::Drop, out.location, function, {}}};
    out.fixHint = "co_await the task, or give it to somebody who runs it.";
    if (!thread.handles.empty())
      rate(out, Confidence::Medium, "the variable that keeps the task is not used any more");
    else
      rate(out, Confidence::High, "nobody keeps the task, which starts only when it is awaited");
    findings.push_back(std::move(out));
  }

  enum class Doing : std::uint8_t { Resumes, Destroys, FindsOver };
  struct Act {
    StepPlace at;
    const StepView* step;
    Doing how;
  };

  static bool forbids(Doing first, Doing second) {
    return first == Doing::Destroys ? second != Doing::FindsOver
                                    : first == Doing::FindsOver && second == Doing::Resumes;
  }

  /// A handle is used after its frame was destroyed, or resumed after it was found at its end.
  void lookAtHandles(std::vector<Finding>& findings) {
    std::map<PathId, std::vector<Act>> acts;
    eachStep([&](StepPlace at, const StepView& step) {
      if (const auto* resume = std::get_if<Resume>(step.step->what); resume && step.path != PathId::Unknown)
        acts[step.path].push_back({at, &step, resume->how == Resume::How::Resume ? Doing::Resumes : Doing::Destroys});
      if (const auto* over = std::get_if<Abandon>(step.step->what); over && over->how == Abandon::How::Empty)
        acts[step.path].push_back({at, &step, Doing::FindsOver});
    });
    for (const auto& [handle, all] : acts) {
      if (paths_.passes(handle, PathNode::Kind::Element)) continue;
      for (const Act& first : all) {
        for (const Act& second : all)
          if (&first != &second && forbids(first.how, second.how) && comesAfter(first.at, second.at) &&
              !isSetBetween(handle, first.at, second.at))
            return report(handle, first, second, findings);
      }
    }
  }

  bool comesAfter(StepPlace first, StepPlace second) const {
    if (first.block == second.block) return first.step < second.step;
    return Ways(view_).follows(first, second) && !Ways(view_).follows(second, first);
  }

  bool isSetBetween(PathId handle, StepPlace first, StepPlace second) const {
    const Ways ways(view_);
    bool set = false;
    eachStep([&](StepPlace at, const StepView& step) {
      const EventKind& what = *step.step->what;
      const auto* access = std::get_if<Access>(&what);
      const bool writes = std::holds_alternative<Assign>(what) || (access && access->kind != AccessKind::Read);
      const bool isIt = writes && (step.path == handle || step.step->path == handle ||
                                   (step.path != PathId::Unknown && paths_.hasPrefix(handle, step.path)));
      set |= isIt && ways.follows(first, at) && ways.follows(at, second);
    });
    return set;
  }

  void report(PathId handle, const Act& first, const Act& second, std::vector<Finding>& findings) {
    const std::string name = nameOf(program_, handle), function = program_.functionName(view_.function);
    const bool twice = second.how == Doing::Destroys, isOver = first.how == Doing::FindsOver;
    Finding out = findingAt(program_, kInfo.id, momentAt(view_, *second.step), name,
                            twice ? "destroys the coroutine again" : "resumes the coroutine");
    out.message = quoted(function) + (twice ? " destroys" : " resumes") + " the coroutine of " + quoted(name) +
                  (twice    ? " twice"
                   : isOver ? " after it has found it at its end"
                            : " after it has destroyed it");
    auto& steps = out.witness.front().steps;
    steps.insert(steps.end() - 1, {isOver ? WitnessStep::Kind::Call : WitnessStep::Kind::Free,
                                   program_.point(first.step->step->location),
                                   function,
                                   (isOver ? "finds at its end" : "destroys") + (" the coroutine of " + quoted(name)),
                                   {},
                                   0});
    out.fixHint = isOver ? "Leave the coroutine alone once it has come to its end."
                         : "Set the handle to null where its frame is destroyed, and ask it before it is used.";
    rate(out, Confidence::High, "the handle is not set in between");
    findings.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
};

bool shareLock(const Program& program, LocksetId a, LocksetId b) {
  for (const HeldLock& x : program.tables().locksets[a])
    for (const HeldLock& y : program.tables().locksets[b])
      if (x.lock == y.lock && x.hold != Hold::Passed) return true;
  return false;
}

/// A pointer is followed to where another one is.
bool leadsOn(const PathTable& paths, PathId path) {
  const std::vector<PathId> steps = paths.prefixes(path);
  return std::ranges::count_if(steps, [&](PathId step) { return paths[step].kind == PathNode::Kind::Deref; }) > 1;
}

/// One coroutine resumed by two threads at the same time.
void findParallel(const Program& program, std::vector<Finding>& findings) {
  std::set<std::pair<Location, Location>> reported;
  for (const Scope& scope : program.scopes()) {
    std::vector<const SharedOperation*> resumes;
    for (const SharedOperation& operation : scope.operations)
      if (operation.fact.kind == OperationFact::Kind::Resume && operation.fact.object != PathId::Unknown)
        resumes.push_back(&operation);
    for (std::size_t i = 0; i < resumes.size(); ++i) {
      for (std::size_t j = i; j < resumes.size(); ++j) {
        const SharedOperation& a = *resumes[i];
        const SharedOperation& b = *resumes[j];
        if (a.fact.object != b.fact.object || shareLock(program, a.fact.held, b.fact.held)) continue;
        if (program.tables().paths.passes(a.fact.object, PathNode::Kind::Element)) continue;
        if (!scope.mayHappenInParallel(a.fact, a.actor, b.fact, b.actor, program.tables())) continue;
        if (!reported.insert(std::minmax(a.fact.location, b.fact.location)).second) continue;
        const std::string name = nameOf(program, a.fact.object);
        auto step = [&](const OperationFact& fact) {
          WitnessStep last;
          last.point = program.point(fact.location);
          last.function = program.functionName(fact.function);
          last.text = "resumes the coroutine of " + quoted(name);
          return last;
        };
        Finding out;
        out.check = kInfo.id;
        out.location = program.point(a.fact.location);
        out.subjects = {name};
        out.functions = {program.functionName(a.fact.function)};
        if (b.fact.function != a.fact.function) out.functions.push_back(program.functionName(b.fact.function));
        std::sort(out.functions.begin(), out.functions.end());
        out.message = "The coroutine of " + quoted(name) + " may be resumed by two threads at the same time";
        out.witness = {witnessThread(program, &scope, a.actor, a.fact, step(a.fact)),
                       witnessThread(program, &scope, b.actor, b.fact, step(b.fact))};
        out.fixHint = "Let one thread drive the coroutine, or all of them under one lock.";
        if (scope.kind != Scope::Kind::Frame)
          rate(out, Confidence::Low, "that several threads use the same object is assumed");
        else if (leadsOn(program.tables().paths, a.fact.object))
          rate(out, Confidence::Medium, "the pointers that lead to it may lead each thread to another");
        else
          rate(out, Confidence::High, "both threads run at the same time and nothing keeps them apart");
        findings.push_back(std::move(out));
      }
    }
  }
}

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  Finder(program, view).find(findings);
}

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  findParallel(program, findings);
  findPastRange(program, kInfo.id, findings);
  return findings;
}

}  // namespace

extern const Check kTaskLifetime;
const Check kTaskLifetime = {.info = kInfo, .run = run, .inspect = inspect};

}  // namespace deadheat
