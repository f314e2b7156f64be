// stale-after-suspend: what a coroutine learnt of shared state before a suspension it relies on after it, when other tasks
// have had their turn.
//
// Two stories: a decision or value that rests on a look before the suspension is acted on after it without a new look; and
// a pointer, reference or iterator into a container that others change is followed after it.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/suspensions.h"
#include "analyzers/checks/view_queries.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"check-then-act"};

constexpr CheckInfo kInfo = {
    .id = "stale-after-suspend",
    .title = "What was true before a suspension is relied on after it",
    .reason =
        R"(At each co_await other tasks run, on one thread as on many. Whatever a coroutine found out about shared state before may
no longer be so when it goes on: the entry that was missing is there by now and is made twice, the session that was open
is closed, the iterator points into an array that has moved. No thread raced; a sanitizer has nothing to report.)",
    .example = R"(Task<Page> Cache::get(Key key) {
  auto it = pages_.find(key);
  if (it == pages_.end()) {
    Page page = co_await load(key);            // another task may load the same page now
    it = pages_.emplace(key, page).first;
  }
  co_return it->second;
})",
    .fix =
        R"(Look again after the suspension, or note before it that somebody is at it (a future or a flag in the map), so that the
others wait for that. Keep keys and values over a suspension, not iterators and references:

  Page page = co_await load(key);
  auto [it, isNew] = pages_.try_emplace(key, std::move(page));)",
    .cwe = "CWE-367",
    .absorbs = kAbsorbed,
    .ofTasks = true,
};

/// Who changes a variable, whatever object it is a member of.
class Changes {
 public:
  struct Change {
    FunctionIndex function;
    Location location;
    std::string operation;
  };

  explicit Changes(const Program& program) : program_(program), evidence_(program) {
    for (std::uint32_t i = 0; i < program.bodies().functions.size(); ++i) {
      const auto f = static_cast<FunctionIndex>(i);
      const Function& function = program.function(f);
      if (function.coroutine) any_ = true;
      if (function.kind == Function::Kind::Constructor || function.kind == Function::Kind::Destructor ||
          function.kind == Function::Kind::GlobalInit)
        continue;
      for (const StepBlock& block : program.bodies()[f].blocks)
        for (const Step& step : block.steps) add(f, step);
      for (const CallSite& call : program.bodies()[f].calls)
        for (FunctionIndex target : call.targets) started_[target] += call.spawn ? 2 : 1;
    }
  }

  bool any() const { return any_; }
  /// What stands for the variable in whichever function; empty if nothing does.
  LockEvidence::Key keyOf(PathId path) const {
    if (path == PathId::Unknown || program_.tables().paths.storage(path) == Storage::Local) return {};
    return evidence_.keyOf(path);
  }
  /// A change of the variable for which `counts` holds and that another task may make while `self` is suspended, or
  /// null.
  template <typename Counts>
  const Change* other(const LockEvidence::Key& key, FunctionIndex self, Counts counts) const {
    auto found = changes_.find(key);
    if (key.empty() || found == changes_.end()) return nullptr;
    const Change* elsewhere = nullptr;
    auto starts = started_.find(self);
    const bool isSeveral = starts != started_.end() && starts->second > 1;  // Of the same task.
    for (const Change& change : found->second) {
      if (!counts(change)) continue;
      if (change.function == self && isSeveral) return &change;
      if (change.function != self && !isCalledBy(self, change.function)) elsewhere = &change;
    }
    return elsewhere;
  }

  /// Whether the operation ends or moves elements that stay: growing does so only where elements lie in one array.
  static bool moves(llvm::StringRef operation) {
    const llvm::StringRef container = operation.rsplit("::").first, name = operation.rsplit("::").second;
    for (llvm::StringRef each : {"erase", "clear", "extract", "pop", "operator=", "swap", "remove", "assign", "resize", "reset"})
      if (name.starts_with(each)) return true;
    const bool isArray = container.ends_with("vector") || container.ends_with("deque") || container.ends_with("string");
    const bool isHashed = container.contains("flat_") || container.contains("dense_");
    return (isArray || isHashed) && (name.contains("push") || name.contains("emplace") || name.contains("insert") ||
                                     name.contains("append") || name == "reserve" || name == "shrink_to_fit");
  }

  /// Whether `act` takes the element that stood first before `change`, too: that one adds at the end.
  static bool leavesFirst(llvm::StringRef change, llvm::StringRef act) {
    const auto [kind, name] = change.rsplit("::");
    const bool isQueue = kind.ends_with("::queue") && act.ends_with("::queue::pop");
    if (!isQueue && !act.ends_with("::pop_front")) return false;
    return name == "push_back" || name == "emplace_back" || (isQueue && (name == "push" || name == "emplace"));
  }

 private:
  void add(FunctionIndex f, const Step& step) {
    const auto* access = std::get_if<Access>(step.what);
    if (!access || access->kind == AccessKind::Read) return;
    const LockEvidence::Key key = keyOf(step.path);
    if (!key.empty()) changes_[key].push_back({f, step.location, access->operation});
  }

  /// Only the coroutine itself calls it: it is not made by another task.
  bool isCalledBy(FunctionIndex self, FunctionIndex other) const {
    bool bySelf = false;
    for (const CallSite& call : program_.bodies()[self].calls)
      bySelf |= !call.spawn && std::ranges::count(call.targets, other) != 0;
    auto starts = started_.find(other);
    return bySelf && starts != started_.end() && starts->second == 1;
  }

  const Program& program_;
  const LockEvidence evidence_;
  std::map<LockEvidence::Key, std::vector<Change>> changes_;
  std::map<FunctionIndex, unsigned> started_;
  bool any_ = false;
};

class Finder {
 public:
  Finder(const Program& program, const Changes& changes, const FunctionView& view)
      : program_(program), paths_(program.tables().paths), changes_(changes), view_(view), suspensions_(program, view) {}

  void find(std::vector<Finding>& findings) {
    if (suspensions_.empty()) return;
    eachStep([&](StepPlace at, const StepView& step) { collect(at, step); });
    collectBranches();
    follow();
    for (const Look& look : looks_)
      for (const Use& act : acts_) lookAt(look, act, findings);
    for (const Use& use : uses_) lookAtPointer(use, findings);
  }

 private:
  /// Shared state is looked at, and what carries what was seen.
  struct Look {
    StepPlace at;
    PathId variable = PathId::Unknown;
    std::set<PathId> values;
    bool decides = false;  ///< It is the condition that ends its block.
  };
  struct Use {
    StepPlace at;
    PathId path = PathId::Unknown;
    llvm::StringRef operation = {};  ///< Of the library, that changes it.
  };

  template <typename Visit>
  void eachStep(Visit visit) const {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b)
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) visit(StepPlace{b, s}, view_.blocks[b].steps[s]);
  }
  const StepView& stepAt(StepPlace at) const { return view_.blocks[at.block].steps[at.step]; }

  bool isShared(PathId path) const {
    if (path == PathId::Unknown || !isData(program_, path)) return false;
    const Storage storage = paths_.storage(path);
    return storage == Storage::Global || storage == Storage::This ||
           (storage == Storage::Parameter && paths_.passes(path, PathNode::Kind::Deref));
  }

  void collect(StepPlace at, const StepView& step) {
    const EventKind& what = *step.step->what;
    const PathId raw = step.step->path;
    if (std::holds_alternative<Compute>(what)) {
      for (PathId from : step.from)
        if (isShared(from) && raw != PathId::Unknown && paths_.storage(raw) == Storage::Local)
          looks_.push_back({at, from, {raw}, false});
    } else if (const auto* access = std::get_if<Access>(&what)) {
      if (access->kind != AccessKind::Read && isShared(step.path)) acts_.push_back({at, step.path, access->operation});
      if (access->kind != AccessKind::Write) reads_.push_back({at, step.path});
    } else if (std::holds_alternative<Assign>(what) && step.value.kind == Value::Kind::AddressOf &&
               raw != PathId::Unknown && paths_.isRoot(raw) && paths_.storage(raw) == Storage::Local) {
      const PathId container = containerOf(step.value.path);
      if (container != PathId::Unknown) pointers_[raw].push_back({at, container});
    }
    noteUse(at, raw, false);
    if (std::holds_alternative<Assign>(what)) noteUse(at, step.step->value.path, step.step->value.kind == Value::Kind::Load);
    if (step.step->call == Step::kNoCall) return;
    const CallSite& call = view_.body->calls[step.step->call];
    for (const LinkedValue& argument : call.arguments) noteUse(at, argument.path, argument.kind == Value::Kind::Load);
    if (call.receiver) noteUse(at, call.receiver->path, call.receiver->kind == Value::Kind::Load);
  }

  /// A local pointer is followed.
  void noteUse(StepPlace at, PathId path, bool follows) {
    if (path == PathId::Unknown || paths_.storage(path) != Storage::Local) return;
    if (follows || paths_.passes(path, PathNode::Kind::Deref)) uses_.push_back({at, paths_[path].root});
  }

  /// The shared container whose element is at `path`, or Unknown.
  PathId containerOf(PathId path) const {
    for (PathId at = path; at != PathId::Unknown && !paths_.isRoot(at); at = paths_[at].parent) {
      if (paths_[at].kind == PathNode::Kind::Deref) break;
      if (paths_[at].kind == PathNode::Kind::Element)
        return isShared(paths_[at].parent) ? paths_[at].parent : PathId::Unknown;
    }
    return PathId::Unknown;
  }

  /// Conditions that look at shared state themselves.
  void collectBranches() {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      const BlockView& block = view_.blocks[b];
      if (!block.branch || block.steps.empty()) continue;
      for (PathId from : block.branch->depends)
        if (isShared(from)) looks_.push_back({{b, static_cast<std::uint32_t>(block.steps.size() - 1)}, from, {}, true});
    }
  }

  /// Adds the locals that depend on what was seen.
  void follow() {
    for (int round = 0; round < 2; ++round) {
      eachStep([&](StepPlace, const StepView& step) {
        if (!std::holds_alternative<Compute>(*step.step->what) || paths_.storage(step.step->path) != Storage::Local) return;
        for (Look& look : looks_)
          if (std::ranges::any_of(step.from, [&](PathId from) { return look.values.contains(from); }))
            look.values.insert(step.step->path);
      });
    }
  }

  bool mentions(const Look& look, const std::vector<PathId>& from) const {
    return std::ranges::any_of(from, [&](PathId path) { return look.values.contains(path); });
  }

  /// Whether the change is made from what was seen, or only because of it.
  bool rests(const Look& look, const Use& act) const {
    if (act.at.step > 0) {
      const StepView& before = stepAt({act.at.block, act.at.step - 1});
      if (std::holds_alternative<Compute>(*before.step->what) && before.path == act.path && mentions(look, before.from))
        return true;
    }
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      if (!view_.blocks[b].branch) continue;
      const bool decides = (look.decides && look.at.block == b) || mentions(look, view_.blocks[b].branch->depends);
      if (decides && isDecidedBy(*view_.body, b, act.at.block)) return true;
    }
    return false;
  }

  /// Whether the variable is looked at again between the suspension and the change.
  bool looksAgain(const Suspension& over, PathId variable, StepPlace act) const {
    const Ways ways(view_);
    return std::ranges::any_of(reads_, [&](const Use& read) {
      const bool isIt = read.path == variable && !(read.at.block == act.block && read.at.step == act.step);
      return isIt && ways.follows(over.place, read.at) && ways.follows(read.at, act) && !suspensions_.between(read.at, act);
    });
  }

  /// Something is held all the way from one to the other, by the task or by the thread.
  bool sharesHold(StepPlace a, StepPlace b) const {
    for (const HeldLock& x : program_.tables().locksets[stepAt(a).held])
      for (const HeldLock& y : program_.tables().locksets[stepAt(b).held])
        if (x.lock == y.lock && x.since == y.since && x.hold != Hold::Passed) return true;
    return false;
  }

  void lookAt(const Look& look, const Use& act, std::vector<Finding>& findings) {
    if (look.variable != act.path) return;
    const Suspension* over = suspensions_.between(look.at, act.at);
    if (!over || !rests(look, act) || looksAgain(*over, act.path, act.at) || sharesHold(look.at, act.at)) return;
    const auto* other = changes_.other(changes_.keyOf(act.path), view_.function, [&](const Changes::Change& change) {
      return !Changes::leavesFirst(change.operation, act.operation);
    });
    if (!other) return;
    report(look.at, *over, act.at, act.path, *other, "learns about ", "changes it on the strength of that", findings);
  }

  void lookAtPointer(const Use& use, std::vector<Finding>& findings) {
    auto found = pointers_.find(use.path);
    if (found == pointers_.end()) return;
    for (const Use& taken : found->second) {
      const Suspension* over = suspensions_.between(taken.at, use.at);
      if (!over || isTakenAgain(use.path, *over, use.at) || sharesHold(taken.at, use.at)) continue;
      const auto* other = changes_.other(changes_.keyOf(taken.path), view_.function, [](const Changes::Change& change) {
        return Changes::moves(change.operation);
      });
      if (other)
        return report(taken.at, *over, use.at, taken.path, *other, "takes a pointer, reference or iterator into ",
                      "follows it", findings);
    }
  }

  bool isTakenAgain(PathId pointer, const Suspension& over, StepPlace use) const {
    const Ways ways(view_);
    bool again = false;
    eachStep([&](StepPlace at, const StepView& step) {
      const bool takes = std::holds_alternative<Assign>(*step.step->what) && step.step->path == pointer;
      again |= takes && ways.follows(over.place, at) && ways.follows(at, use) && !suspensions_.between(at, use);
    });
    return again;
  }

  void report(StepPlace look, const Suspension& over, StepPlace act, PathId variable, const Changes::Change& other,
              const std::string& first, const std::string& last, std::vector<Finding>& findings) {
    const std::string name = nameOf(program_, variable), function = program_.functionName(view_.function);
    if (!reported_.insert(name).second) return;
    const std::string text = suspensionText(*over.what), changer = program_.functionName(other.function);
    const auto point = [&](StepPlace at) { return program_.point(stepAt(at).step->location); };
    Finding out;
    out.check = kInfo.id;
    out.location = point(look);
    out.subjects = {name};
    out.functions = {function};
    if (changer != function) out.functions.push_back(changer);
    std::sort(out.functions.begin(), out.functions.end());
    out.message = quoted(function) + " " + first + quoted(name) + ", is suspended by " + text + ", and then " + last +
                  ": " + (changer == function ? std::string("another task in it") : quoted(changer)) +
                  " may have changed it meanwhile";
    out.fixHint = "Look again after " + text + ", or keep the others out with a lock that tasks hold.";
    out.witness = {{"the task " + quoted(function),
                    {{WitnessStep::Kind::Read, point(look), function, first + quoted(name), {}, 0},
                     {WitnessStep::Kind::Wait, program_.point(over.step->step->location), function,
                      "is suspended by " + text, {}, 0},
                     {WitnessStep::Kind::Write, point(act), function, last, {}, 0}}},
                   {"another task",
                    {{WitnessStep::Kind::Write, program_.point(other.location), changer, "changes " + quoted(name), {}, 0}}}};
    out.sites = {{Site::Kind::Look, point(look), function, {}}, {Site::Kind::Act, point(act), function, {}}};
    const bool isGlobal = paths_.storage(variable) == Storage::Global;
    rate(out, Confidence::Medium,
         isGlobal ? "that the other runs while this task is suspended is assumed"
                  : "that several tasks use the same object at once is assumed");
    findings.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  const Changes& changes_;
  const FunctionView& view_;
  const Suspensions suspensions_;
  std::vector<Look> looks_;
  std::vector<Use> acts_, reads_, uses_;
  std::map<PathId, std::vector<Use>> pointers_;  ///< Local pointer -> where it was set, to an element of which container.
  std::set<std::string> reported_;
};

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  const auto& functions = program.bodies().functions;
  if (std::none_of(functions.begin(), functions.end(), [](const Body& body) { return body.facts->coroutine.has_value(); }))
    return findings;
  const Changes changes(program);
  for (std::uint32_t i = 0; i < functions.size(); ++i) {
    if (!functions[i].facts->coroutine) continue;
    const FunctionView view = program.view(static_cast<FunctionIndex>(i));
    Finder(program, changes, view).find(findings);
  }
  return findings;
}

}  // namespace

extern const Check kStaleAfterSuspend;
const Check kStaleAfterSuspend = {.info = kInfo, .run = run};

}  // namespace deadheat
