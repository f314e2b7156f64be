// ineffective-guard: a guard that protects nothing.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

class Inspection {
 public:
  Inspection(const Program& program, const FunctionView& view, std::vector<Finding>& findings)
      : program_(program), view_(view), findings_(findings) {}

  void inspect() {
    for (const BlockView& block : view_.blocks) {
      for (std::size_t i = 0; i < block.steps.size(); ++i) look(block, i);
    }
    for (const auto& [guard, start] : starts_) {
      if (!used_.contains(guard) && protects(*start)) reportStart(*start);
    }
    for (const auto& [lock, acquire] : local_) {
      if (!shared_.contains(lock) && protects(*acquire)) reportLocal(*acquire);
    }
    for (const StepView* temporary : temporaries_) {
      if (protects(*temporary)) reportTemporary(*temporary);
    }
  }

 private:
  const PathTable& paths() const { return program_.tables().paths; }
  std::string_view rootName(PathId path) const { return program_.tables().symbols.text(paths()[paths()[path].root].name); }
  bool isLocal(PathId path) const { return path != PathId::Unknown && paths().storage(path) == Storage::Local; }

  void look(const BlockView& block, std::size_t i) {
    const StepView& step = block.steps[i];
    const EventKind& what = *step.step->what;
    if (std::holds_alternative<GuardStart>(what)) {
      starts_.try_emplace(paths()[step.step->path].root, &step);
      return;
    }
    if (std::holds_alternative<Assign>(what)) {
      const bool ofGuard = isGuardField(step.step->path);
      if (!ofGuard) mention(step.step->value);
      if (ofGuard && step.step->value.kind == Value::Kind::Load) {  // Another guard is moved into it.
        mention(step.step->value);
        use(step.step->path);
      }
      return;
    }
    if (const auto* acquire = std::get_if<Acquire>(&what)) {
      use(step.step->path);
      if (acquire->holder == LockHolder::Guard) lookAtGuard(block, i);
      return;
    }
    if (std::holds_alternative<Access>(what) || std::holds_alternative<Call>(what)) doings_.push_back(step.step->location);
    if (step.step->call != Step::kNoCall) mentionCall(view_.body->calls[step.step->call]);
    mention(step.step->value);
  }

  bool isGuardField(PathId target) const {
    const PathNode& node = paths()[target];
    return node.kind == PathNode::Kind::Field && program_.tables().symbols.text(node.name).starts_with("$lock");
  }

  void use(PathId path) {
    if (isLocal(path)) used_.insert(paths()[path].root);
  }
  /// Whoever gets the value may lock the guard, or share the lock.
  void mention(const LinkedValue& value) {
    if (!isLocal(value.path)) return;
    use(value.path);
    shared_.insert(paths()[value.path].root);
  }
  void mentionCall(const CallSite& call) {
    if (call.receiver) mention(*call.receiver);
    for (const LinkedValue& argument : call.arguments) mention(argument);
    if (call.result != PathId::Unknown) use(call.result);
  }

  void lookAtGuard(const BlockView& block, std::size_t i) {
    const StepView& step = block.steps[i];
    const PathId guard = step.step->path;
    if (isLocal(guard) && rootName(guard).starts_with("$tmp") && endsAtOnce(block, i)) {
      temporaries_.push_back(&step);
      return;
    }
    const PathId lock = step.path;
    const bool own = isLocal(lock) && !paths().passes(lock, PathNode::Kind::Deref) && paths().isRoot(lock);
    if (own) local_.try_emplace(lock, &step);
  }

  /// The guard gives back what it took before anything else happens.
  bool endsAtOnce(const BlockView& block, std::size_t i) const {
    const PathId guard = paths()[block.steps[i].step->path].root;
    for (std::size_t next = i + 1; next < block.steps.size(); ++next) {
      const Step& step = *block.steps[next].step;
      const bool same = step.path != PathId::Unknown && paths()[step.path].root == guard;
      if (!same) return false;
      if (std::holds_alternative<Release>(*step.what)) return true;
      if (!std::holds_alternative<Acquire>(*step.what) && !std::holds_alternative<Assign>(*step.what)) return false;
    }
    return false;
  }

  /// Something comes after the guard that it may have been meant for.
  bool protects(const StepView& guard) const {
    return std::any_of(doings_.begin(), doings_.end(), [&](const Location& l) {
      return l.file == guard.step->location.file && l.line > guard.step->location.line;
    });
  }

  Finding& report(const StepView& step, PathId lock, std::string message, std::string done) {
    Finding out;
    out.check = "ineffective-guard";
    out.message = std::move(message);
    out.location = program_.point(step.step->location);
    out.subjects = {lock == PathId::Unknown ? std::string(displayOf(step.step->path)) : nameOf(program_, lock)};
    out.functions = {program_.functionName(view_.function)};
    WitnessStep last{WitnessStep::Kind::Other, out.location, out.functions.front(), std::move(done), {}, 0};
    out.witness = {{"any thread", {last}}};
    out.confidence = Confidence::High;
    findings_.push_back(std::move(out));
    return findings_.back();
  }

  std::string_view displayOf(PathId path) const {
    return program_.tables().symbols.text(paths()[paths()[path].root].record);
  }

  void reportTemporary(const StepView& step) {
    const std::string lock = quoted(nameOf(program_, step.path));
    Finding& out = report(step, step.path,
                          "The guard of " + lock + " in " + quoted(program_.functionName(view_.function)) +
                              " has no name: it gives the lock back at the end of the statement",
                          "takes " + lock + " and gives it back at once");
    out.confidenceReason = "the temporary ends before anything else happens";
    out.fixHint = "Give the guard a name, so that it lives until the end of the block.";
  }

  void reportStart(const StepView& step) {
    const auto how = std::get<GuardStart>(*step.step->what).how;
    if (how == GuardStart::How::Adopted) return;
    const std::string guard = quoted(std::string(displayOf(step.step->path)));
    const PathId lock = how == GuardStart::How::Empty ? PathId::Unknown : step.second;
    std::string message = "The guard " + guard + " in " + quoted(program_.functionName(view_.function));
    if (how == GuardStart::How::Empty) message += " is given no lock, and locks nothing";
    if (how == GuardStart::How::Deferred) message += " defers taking " + quoted(nameOf(program_, lock)) + ", and never does";
    if (how == GuardStart::How::Tried) {
      message += " tries to take " + quoted(nameOf(program_, lock)) + ", and nobody asks whether it did";
    }
    Finding& out = report(step, lock, std::move(message), "begins to live without its lock");
    out.confidenceReason = "nothing else in the function uses the guard";
    out.fixHint = how == GuardStart::How::Tried ? "Ask " + guard + " whether it owns the lock before going on."
                                                : "Give " + guard + " its lock, and lock it.";
    if (how == GuardStart::How::Tried) out.confidence = Confidence::Medium;
  }

  void reportLocal(const StepView& step) {
    const std::string lock = quoted(nameOf(program_, step.path));
    Finding& out = report(step, step.path,
                          quoted(program_.functionName(view_.function)) + " locks " + lock +
                              ", which is a new one at each call: nobody else ever waits for it",
                          "takes " + lock + ", which no other thread knows");
    out.confidenceReason = "the lock lives in the function, and its address goes nowhere";
    out.fixHint = "Make " + lock + " a member, a global or static, so that all callers share it.";
  }

  const Program& program_;
  const FunctionView& view_;
  std::vector<Finding>& findings_;
  std::map<PathId, const StepView*> starts_;  ///< By guard.
  std::map<PathId, const StepView*> local_;   ///< By lock.
  std::set<PathId> used_, shared_;            ///< Roots.
  std::vector<const StepView*> temporaries_;
  std::vector<Location> doings_;  ///< Accesses and calls.
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  Inspection(program, view, findings).inspect();
}

constexpr CheckInfo kInfo = {
    .id = "ineffective-guard",
    .title = "A guard protects nothing",
    .reason =
        R"(A guard protects from where it is made to the end of its block, if it has a name, if it is given a lock, and if
others use the same lock. Each of these is easily missed:

- without a name the guard is a temporary and gives the lock back at the semicolon;
- `std::unique_lock<std::mutex> (mu);` declares a variable called mu, which has no lock;
- a guard made with std::defer_lock has to be locked, one made with std::try_to_lock has to be asked;
- a mutex that is a local variable is a new one at each call.

The code reads as if it were protected, and is not.)",
    .example = R"(std::mutex mu;
int total = 0;

void add(int n) {
  std::lock_guard<std::mutex>{mu};  // locks and unlocks
  total += n;                       // not protected
})",
    .fix = R"(Name it, and give it the lock that the others use:

  std::lock_guard lock(mu);
  total += n;)",
    .cwe = "CWE-667",
};

}  // namespace

extern const Check kIneffectiveGuard;
const Check kIneffectiveGuard = {.info = kInfo, .inspect = inspect};

}  // namespace deadheat
