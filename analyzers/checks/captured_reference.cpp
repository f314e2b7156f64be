// captured-reference: a thread is given the address of a local and may still run when the local is gone.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/handed_on.h"
#include "analyzers/checks/handle_fields.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/view_queries.h"
#include "analyzers/checks/witness.h"
#include "analyzers/link/handles.h"
#include "analyzers/link/program.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "captured-reference";
constexpr const char* kFix =
    "Give the thread a copy of its own, or an owner (a moved object, a shared_ptr), or join it while the local lives.";

bool isOwnVariable(const PathTable& paths, PathId path) {
  const Storage storage = paths.storage(path);
  return (storage == Storage::Local || storage == Storage::Parameter) && !paths.passes(path, PathNode::Kind::Deref);
}

/// What the function that started a thread does about its handle.
enum class Handled : std::uint8_t { Never, Joined, Detached };

Handled handled(const PathTable& paths, const Scope& scope, const Actor& actor) {
  Handled result = Handled::Never;
  for (const SharedOperation& operation : scope.operations) {
    const OperationFact& fact = operation.fact;
    const bool own = std::any_of(actor.thread.handles.begin(), actor.thread.handles.end(),
                                 [&](PathId handle) { return sameHandle(paths, handle, fact.object); });
    if (!own) continue;
    if (fact.kind == OperationFact::Kind::Detach) return Handled::Detached;
    if (fact.kind == OperationFact::Kind::Join) result = Handled::Joined;
  }
  return result;
}

bool isMain(const Function& function) { return function.kind == Function::Kind::Free && function.name == "main"; }

void lowerTo(Confidence confidence, const char* reason, Finding& finding) {
  if (finding.confidence <= confidence) return;
  finding.confidence = confidence;
  finding.confidenceReason = reason;
}

bool cleansUp(const Program& program, const StepView& step) {
  const EventKind& what = *step.step->what;
  if (std::holds_alternative<Call>(what))
    return std::ranges::all_of(step.targets, [&](FunctionIndex target) {
      return program.function(target).kind == Function::Kind::Destructor;
    });
  return std::holds_alternative<Free>(what) || std::holds_alternative<Release>(what) ||
         std::holds_alternative<Return>(what) || std::holds_alternative<Assign>(what);
}

/// Whether the function goes on after the local has ended at `end`: an inner scope, or a turn of a loop.
bool goesOn(const Program& program, const FunctionView& view, Location end) {
  for (std::uint32_t b = 0; b < view.blocks.size(); ++b) {
    bool ended = false;
    for (const StepView& step : view.blocks[b].steps) {
      if (ended && !cleansUp(program, step)) return true;
      ended |= std::holds_alternative<Free>(*step.step->what) && step.step->location == end;
    }
    if (!ended) continue;
    const std::vector<bool> after = reachableFrom(*view.body, b);
    for (std::uint32_t other = 0; other < view.blocks.size(); ++other) {
      const auto& steps = view.blocks[other].steps;
      if (after[other] && !std::ranges::all_of(steps, [&](const StepView& step) { return cleansUp(program, step); }))
        return true;
    }
  }
  return false;
}

/// What happens at the very end of a program seldom matters, and a way out that forgets the join is often an error's.
void rate(const Function& function, Handled handled, Finding& finding) {
  if (handled == Handled::Joined) lowerTo(Confidence::Medium, "the thread is joined on other ways out", finding);
  if (!isMain(function)) return;
  if (handled == Handled::Detached)
    lowerTo(Confidence::Medium, "nothing joins the thread, which matters only while the program ends", finding);
  else
    lowerTo(Confidence::Low, "main does not wait for the thread, but the program ends then", finding);
}

/// The end of a local against a use of it by a thread.
bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const PathTable& paths = program.tables().paths;
  auto ends = [&](const AccessFact& fact) {
    return fact.frees && paths.isRoot(fact.path) && paths.storage(fact.path) == Storage::Local;
  };
  const bool first = ends(pair.a->fact);
  if (first == ends(pair.b->fact)) return false;
  const AccessFact& end = first ? pair.a->fact : pair.b->fact;
  const AccessFact& use = first ? pair.b->fact : pair.a->fact;
  finding.check = kId;
  finding.message = quoted(program.functionName(use.function)) + " uses " + quoted(finding.subjects.front()) +
                    " by reference in another thread, which may outlive the local in " +
                    quoted(program.functionName(end.function));
  finding.fixHint = kFix;
  const std::uint32_t user = first ? pair.b->actor : pair.a->actor;
  // No code of the end can be waited at: what the thread uses is watched from where it was given the address.
  const ThreadFact& thread = pair.scope->actors[user].thread;
  if (finding.sites.size() == 2 && thread.spawner != FunctionIndex::None)
    finding.sites[first ? 0 : 1] = {
        Site::Kind::Lend, program.point(thread.location), program.functionName(thread.spawner), {}};
  if (movesOn(program, pair.scope->actors[user].thread))
    lowerTo(Confidence::Low, "the thread's handle is moved on, and may be joined by another name", finding);
  if (isHandedOn(program, thread)) lowerTo(confidenceInHandedOn(program, thread), kHandedOn, finding);
  if (!goesOn(program, program.view(end.function), end.location))
    rate(program.function(end.function), handled(paths, *pair.scope, pair.scope->actors[user]), finding);
  return true;
}

/// One function that starts threads, and what it gives them of its own.
class Giver {
 public:
  Giver(const Program& program, const FunctionView& view)
      : program_(program), paths_(program.tables().paths), view_(view) {}

  void find(std::vector<Finding>& findings) {
    eachStep([&](const StepView& step) { noteCaptures(step); });
    eachStep([&](const StepView& step) { noteGiven(step); });
    if (given_.empty()) return;
    eachStep([&](const StepView& step) {
      if (!std::holds_alternative<Free>(*step.step->what)) return;
      for (const auto& [thread, gift] : given_) {
        if (gift.variables.contains(step.path) && (step.live & threadBit(thread)))
          report(thread, gift, step.path, step.step->location, findings);
      }
    });
    endParameters(findings);
  }

 private:
  struct Gift {
    const StepView* spawn = nullptr;
    std::set<PathId> variables;  ///< Roots of locals and parameters.
  };

  template <typename Visit>
  void eachStep(Visit visit) const {
    for (const BlockView& block : view_.blocks) {
      for (const StepView& step : block.steps) visit(step);
    }
  }

  /// `closure.field = &variable`.
  void noteCaptures(const StepView& step) {
    if (!std::holds_alternative<Assign>(*step.step->what) || step.value.kind != Value::Kind::AddressOf) return;
    if (!isOwnVariable(paths_, step.value.path) || paths_[step.path].kind != PathNode::Kind::Field) return;
    captures_[paths_[step.path].root].insert(paths_[step.value.path].root);
  }

  void noteGiven(const StepView& step) {
    const auto* spawn = std::get_if<Spawn>(step.step->what);
    if (!spawn) return;
    for (std::size_t t = 0; t < view_.threads.size(); ++t) {
      const bool isCoroutines = spawn->where == SpawnWhere::Task && spawn->runs != Resumption::Unknown;
      if (view_.threads[t].facts != spawn || isCoroutines) continue;  // See coroutine-dangling.
      Gift gift{&step, {}};
      const CallSite& call = view_.body->calls[step.step->call];
      if (call.receiver) take(*call.receiver, gift);
      for (const LinkedValue& argument : call.arguments) take(argument, gift);
      if (!gift.variables.empty()) given_.emplace(static_cast<ThreadNumber>(t), std::move(gift));
    }
  }

  void take(const LinkedValue& value, Gift& gift) const {
    if (value.path == PathId::Unknown) return;
    const PathId root = paths_[value.path].root;
    if (value.kind == Value::Kind::AddressOf && isOwnVariable(paths_, value.path)) gift.variables.insert(root);
    auto captured = captures_.find(root);
    if (captured != captures_.end()) gift.variables.insert(captured->second.begin(), captured->second.end());
  }

  /// Parameters live as long as the function.
  void endParameters(std::vector<Finding>& findings) {
    const ThreadSet live = program_.summary(view_.function).liveAtExit;
    for (const auto& [thread, gift] : given_) {
      if (!(live & threadBit(thread))) continue;
      for (PathId variable : gift.variables) {
        if (paths_.storage(variable) == Storage::Parameter)
          report(thread, gift, variable, gift.spawn->step->location, findings);
      }
    }
  }

  /// A std::thread that nobody detaches or keeps ends the program before its local is missed.
  bool livesOn(const ThreadFact& thread) const {
    if (llvm::StringRef(thread.facts->how).contains("pthread") || llvm::StringRef(thread.facts->how).contains("thrd"))
      return true;
    bool detached = false;
    auto isHandle = [&](PathId path) {
      return std::find(thread.handles.begin(), thread.handles.end(), path) != thread.handles.end();
    };
    eachStep([&](const StepView& step) {
      detached |= std::holds_alternative<Detach>(*step.step->what) && isHandle(step.path);
    });
    return detached || std::any_of(thread.handles.begin(), thread.handles.end(),
                                   [&](PathId handle) { return !isOwnVariable(paths_, handle); });
  }

  static bool waits(const EventKind& what) {
    if (std::holds_alternative<Wait>(what)) return true;
    if (const auto* join = std::get_if<Join>(&what)) return join->ofResult;
    if (const auto* block = std::get_if<Block>(&what)) return block->what != "sleep";
    const auto* access = std::get_if<Access>(&what);
    return access && access->atomicity == Atomicity::Atomic && access->kind != AccessKind::Write;
  }

  /// Whether the function waits for anything at all, which may be a word from the thread.
  bool waitsForSomething() const {
    bool any = false;
    eachStep([&](const StepView& step) {
      any |= waits(*step.step->what);
      for (FunctionIndex target : step.targets) {
        if (std::holds_alternative<Spawn>(*step.step->what)) continue;
        any = any || program_.anyOperation(target, OperationKinds::all(), [](const OperationFact& operation) {
          return operation.thread == kSelf && operation.facts && waits(*operation.facts);
        });
      }
    });
    return any;
  }

  void report(ThreadNumber number, const Gift& gift, PathId variable, Location end, std::vector<Finding>& findings) {
    const ThreadFact& thread = view_.threads[number];
    if (!livesOn(thread) || !reported_.insert({variable, gift.spawn}).second) return;
    const Function& function = program_.function(view_.function);
    const std::string name = nameOf(program_, variable);
    Finding out;
    out.check = kId;
    out.message = "The thread " + quoted(program_.functionName(thread.entry)) + " is given " + quoted(name) +
                  " by reference and may outlive the local of " + quoted(function.name);
    out.location = program_.point(gift.spawn->step->location);
    out.subjects = {name};
    out.functions = {function.name};
    out.fixHint = kFix;
    out.confidence = Confidence::High;
    out.confidenceReason = "nothing joins the thread or waits for it while the local lives";
    if (movesOn(program_, thread))
      lowerTo(Confidence::Low, "the thread's handle is moved on, and may be joined by another name", out);
    if (isHandedOn(program_, thread)) lowerTo(confidenceInHandedOn(program_, thread), kHandedOn, out);
    if (waitsForSomething())
      lowerTo(Confidence::Low, "the function waits for something, which may be the end of the thread", out);
    if (isMain(function) && thread.interleaves())
      lowerTo(Confidence::Low, "fibers and tasks of the main thread end with it", out);
    if (!goesOn(program_, view_, end)) rate(function, handledHere(thread), out);
    out.sites = {{Site::Kind::Lend, out.location, function.name, {}}};
    const SourcePoint gone = program_.point(end);
    out.witness = {{"the thread in " + quoted(function.name),
                    {{WitnessStep::Kind::Spawn, out.location, function.name,
                      "starts thread " + quoted(program_.functionName(thread.entry)) + " with a reference to " +
                          quoted(name),
                      {},
                      0},
                     {WitnessStep::Kind::Free, gone, function.name, "ends the life of " + quoted(name), {}, 0}}}};
    findings.push_back(std::move(out));
  }

  Handled handledHere(const ThreadFact& thread) const {
    Handled result = Handled::Never;
    eachStep([&](const StepView& step) {
      const bool join = std::holds_alternative<Join>(*step.step->what);
      if (!join && !std::holds_alternative<Detach>(*step.step->what)) return;
      for (PathId handle : thread.handles) {
        if (sameHandle(paths_, handle, step.path)) result = std::max(result, join ? Handled::Joined : Handled::Detached);
      }
    });
    return result;
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
  std::map<PathId, std::set<PathId>> captures_;  ///< Closure -> variables it refers to.
  std::map<ThreadNumber, Gift> given_;
  std::set<std::pair<PathId, const StepView*>> reported_;
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  if (!view.threads.empty()) Giver(program, view).find(findings);
}

constexpr std::string_view kAbsorbed[] = {"captured-reference", "data-race"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "A thread refers to a local that may be gone before it",
    .reason =
        R"(A lambda that captures by reference, std::ref, or a plain address gives the new thread a pointer into the stack of
the function that starts it. If that function can return, or the block or loop turn that declares the variable can end,
while the thread runs, the thread reads and writes memory that already belongs to something else. Nothing crashes at
the place of the mistake; another variable changes for no reason.

A detached thread is always in danger of this, and so is one whose handle is kept for later. Joining before the
variable's scope ends is safe.)",
    .example = R"(void send(int samples) {
  Report report{samples};
  std::thread([&report] { upload(report); }).detach();  // report ends with send()
})",
    .fix =
        R"(Capture by value, or move the object in:

  std::thread([report = std::move(report)] { upload(report); }).detach();

With pthread_create, allocate the argument and let the thread free it. Or keep the handle and join before the end of
the scope; declared after what it uses, a std::jthread does so by itself.)",
    .cwe = "CWE-562",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kCapturedReference;
const Check kCapturedReference = {.info = kInfo, .inspect = inspect, .recognise = recognise};

}  // namespace deadheat
