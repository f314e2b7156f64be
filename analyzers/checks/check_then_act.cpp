// check-then-act: a decision or value from one critical section is acted on in the next.
//
// Two sections of one lock in one function, each written out or inside a callee: the first looks at something the lock
// guards, the second changes it on the strength of that look and does not look again.
#include <algorithm>
#include <optional>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/view_queries.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "check-then-act";

/// One stay under a lock: which object it is of, where it starts, and at what step the function does it.
struct Section {
  std::optional<LinkedValue> receiver;  ///< Of the callee that has it; none for the function itself.
  PathId lock = PathId::Unknown;
  HoldSiteId since = HoldSiteId::None;  ///< None: inside a callee.
  std::uint32_t block = 0;
  std::size_t index = 0;
  const StepView* step = nullptr;
};

/// The memory that a section looks at or changes.
struct Use {
  Section section;
  PathId variable = PathId::Unknown;
  Location place;
  std::vector<PathId> values;  ///< Look: locals and results that carry what was seen.
};

class Finder {
 public:
  Finder(const Program& program, const FunctionView& view)
      : program_(program), tables_(program.tables()), view_(view) {}

  void find(std::vector<Finding>& findings) {
    if (!mayLook()) return;
    eachStep([&](const StepView& step, std::uint32_t b, std::size_t i) { collect(step, b, i); });
    if (looks_.empty() || changes_.empty()) return;
    for (Use& look : looks_) follow(look);
    for (const Use& look : looks_) {
      for (const Use& change : changes_) {
        if (fits(look, change)) report(look, change, findings);
      }
    }
  }

 private:
  template <typename Visit>
  void eachStep(Visit visit) const {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      for (std::size_t i = 0; i < view_.blocks[b].steps.size(); ++i) visit(view_.blocks[b].steps[i], b, i);
    }
  }

  bool isShared(PathId path) const {
    const PathTable& paths = tables_.paths;
    if (path == PathId::Unknown || !isData(program_, path)) return false;
    const Storage storage = paths.storage(path);
    return storage == Storage::Global || storage == Storage::This ||
           (storage == Storage::Parameter && paths.passes(path, PathNode::Kind::Deref));
  }

  /// Whether some step may be a look. Costs next to nothing, unlike what callees do under their locks.
  bool mayLook() const {
    bool any = false;
    eachStep([&](const StepView& step, std::uint32_t, std::size_t) {
      if (any) return;
      if (std::holds_alternative<Compute>(*step.step->what)) {
        any = step.held != LocksetId::Empty && std::any_of(step.from.begin(), step.from.end(),
                                                           [&](PathId from) { return isShared(from); });
      } else if (isSectionBelow(step)) {
        any = view_.body->calls[step.step->call].result != PathId::Unknown && returnsShared(step.targets[0]);
      }
    });
    return any;
  }

  /// A call of one function that takes locks and gives them back.
  bool isSectionBelow(const StepView& step) const {
    if (step.step->call == Step::kNoCall || !std::holds_alternative<Call>(*step.step->what) || step.targets.size() != 1)
      return false;
    const Summary& summary = program_.summary(step.targets[0]);
    return summary.heldAtExit == LocksetId::Empty && summary.hasAcquires();
  }

  bool returnsShared(FunctionIndex f) const {
    const std::set<PathId> from = returnedFrom(f);
    return std::any_of(from.begin(), from.end(), [&](PathId path) { return isShared(path); });
  }

  void collect(const StepView& step, std::uint32_t b, std::size_t i) {
    if (std::holds_alternative<Compute>(*step.step->what)) {
      for (PathId from : step.from) {
        if (isShared(from) && tables_.paths.storage(step.path) == Storage::Local) addOwn(looks_, step, b, i, from, {step.path});
      }
    } else if (const auto* access = std::get_if<Access>(step.step->what)) {
      if (access->kind != AccessKind::Read && access->atomicity == Atomicity::Plain && isShared(step.path))
        addOwn(changes_, step, b, i, step.path, {});
    } else if (isSectionBelow(step)) {
      collectCall(step, b, i);
    }
  }

  void addOwn(std::vector<Use>& uses, const StepView& step, std::uint32_t b, std::size_t i, PathId variable,
              std::vector<PathId> values) {
    for (const HeldLock& lock : tables_.locksets[step.held]) {
      if (lock.hold == Hold::Passed || lock.once) continue;
      uses.push_back({{std::nullopt, lock.lock, lock.since, b, i, &step}, variable, step.step->location, values});
    }
  }

  /// A callee that takes and gives back a lock of its own object, or of the program.
  void collectCall(const StepView& step, std::uint32_t b, std::size_t i) {
    const FunctionIndex target = step.targets[0];
    const CallSite& call = view_.body->calls[step.step->call];
    const std::set<PathId> returned = returnedFrom(target);
    for (const AccessFact& access : program_.guardedAccesses(target)) {
      if (access.thread != kSelf || access.atomicity == Atomicity::Atomic || !isShared(access.path)) continue;
      for (const HeldLock& lock : tables_.locksets[access.held]) {
        if (lock.hold == Hold::Passed || lock.once) continue;
        Use use{{call.receiver, lock.lock, HoldSiteId::None, b, i, &step}, access.path, step.step->location, {}};
        if (!access.writes() && call.result != PathId::Unknown && returned.contains(access.path)) {
          use.values = {call.result};
          looks_.push_back(std::move(use));
        } else if (access.writes() && !looksAgain(target, access)) {
          changes_.push_back(std::move(use));
        }
      }
    }
  }

  /// What the number that a function returns depends on.
  std::set<PathId> returnedFrom(FunctionIndex f) const {
    std::set<PathId> from;
    const Body& body = program_.bodies()[f];
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        if (!std::holds_alternative<Return>(*step.what) || step.sources == Step::kNoCall) continue;
        from.insert(body.sources[step.sources].begin(), body.sources[step.sources].end());
      }
    }
    return from;
  }

  /// Whether the callee, or a function on its way to the change, decides by the variable, as a try-pop does, or waits
  /// for it.
  bool looksAgain(FunctionIndex callee, const AccessFact& change) const {
    if (program_.anyOperation(callee, {OperationFact::Kind::Wait}, [](const OperationFact&) { return true; })) return true;
    for (TraceId t = change.trace; t != TraceId::Here; t = tables_.traces[t].rest)
      if (decidesBy(tables_.traces[t].function, change.path)) return true;
    return decidesBy(change.function, change.path);
  }

  /// Locals of `body` that are given what `variable` has.
  static std::set<PathId> copiesOf(PathId variable, const Body& body) {
    std::set<PathId> copies;
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        const bool takes = std::holds_alternative<Assign>(*step.what) && step.value.kind == Value::Kind::Load;
        if (takes && step.value.path == variable) copies.insert(step.path);
      }
    }
    copies.erase(PathId::Unknown);
    return copies;
  }

  /// Whether `f` tests what ends like `variable`, by whatever name it has there, or what a call gave back.
  bool decidesBy(FunctionIndex f, PathId variable) const {
    if (f == FunctionIndex::None) return false;
    const PathNode& wanted = tables_.paths[variable];
    const std::set<PathId> copies = copiesOf(variable, program_.bodies()[f]);
    for (const LinkedBranch& branch : program_.bodies()[f].branches) {
      if (copies.contains(branch.tested)) return true;
      for (PathId read : branch.depends) {
        if (read == variable || copies.contains(read) || tables_.paths.storage(read) == Storage::Result) return true;
        if (read == PathId::Unknown || wanted.kind != PathNode::Kind::Field) continue;
        const PathNode& node = tables_.paths[read];
        if (node.kind == wanted.kind && node.name == wanted.name && node.record == wanted.record) return true;
      }
    }
    return false;
  }

  /// Adds the locals that depend on what the look saw.
  void follow(Use& look) const {
    for (int round = 0; round < 3; ++round) {
      eachStep([&](const StepView& step, std::uint32_t, std::size_t) {
        if (!std::holds_alternative<Compute>(*step.step->what)) return;
        if (tables_.paths.storage(step.path) != Storage::Local || depends(look, {step.path})) return;
        if (depends(look, step.from)) look.values.push_back(step.path);
      });
    }
  }

  static bool depends(const Use& look, const std::vector<PathId>& from) {
    return std::any_of(from.begin(), from.end(), [&](PathId path) { return std::ranges::count(look.values, path) != 0; });
  }

  bool sameObject(const Section& a, const Section& b) const {
    auto isOwn = [&](const std::optional<LinkedValue>& receiver) {
      return !receiver || (receiver->kind == Value::Kind::AddressOf && tables_.paths.isRoot(receiver->path) &&
                           tables_.paths.storage(receiver->path) == Storage::This);
    };
    return a.receiver == b.receiver || (isOwn(a.receiver) && isOwn(b.receiver));
  }

  bool fits(const Use& look, const Use& change) const {
    const Section& a = look.section;
    const Section& b = change.section;
    if (look.variable != change.variable || a.lock != b.lock || !sameObject(a, b) || a.step == b.step) return false;
    const bool apart = a.since == HoldSiteId::None || b.since == HoldSiteId::None || a.since != b.since;
    if (!apart || sharesHold(*a.step, *b.step) || !comesAfter(a, b)) return false;
    return rests(look, change) && !looksBetween(look, change);
  }

  /// Something is held all the way from one to the other.
  bool sharesHold(const StepView& a, const StepView& b) const {
    for (const HeldLock& x : tables_.locksets[a.held]) {
      for (const HeldLock& y : tables_.locksets[b.held]) {
        if (x.lock == y.lock && x.since == y.since) return true;
      }
    }
    return false;
  }

  bool comesAfter(const Section& a, const Section& b) const {
    if (a.block == b.block) return a.index < b.index;
    return reachableFrom(*view_.body, a.block)[b.block];
  }

  /// Whether the change is made from the value seen, or only because of it.
  bool rests(const Use& look, const Use& change) const {
    const Section& section = change.section;
    const auto& steps = view_.blocks[section.block].steps;
    if (section.index > 0) {
      const StepView& before = steps[section.index - 1];
      if (std::holds_alternative<Compute>(*before.step->what) && before.path == section.step->path &&
          depends(look, before.from))
        return true;
    }
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      if (view_.blocks[b].branch && depends(look, view_.blocks[b].branch->depends) &&
          isDecidedBy(*view_.body, b, section.block))
        return true;
    }
    return false;
  }

  /// The second section reads the variable itself before it changes it.
  bool looksBetween(const Use& look, const Use& change) const {
    if (change.section.receiver) return false;
    bool again = false;
    eachStep([&](const StepView& step, std::uint32_t, std::size_t) {
      const auto* access = std::get_if<Access>(step.step->what);
      if (!access || access->kind == AccessKind::Write || step.path != look.variable) return;
      for (const HeldLock& lock : tables_.locksets[step.held])
        again |= lock.lock == change.section.lock && lock.since == change.section.since;
    });
    return again;
  }

  void report(const Use& look, const Use& change, std::vector<Finding>& findings) {
    const std::string name = nameOf(program_, look.variable);
    if (!reported_.insert(name).second) return;
    const std::string function = program_.functionName(view_.function);
    const std::string lock = quoted(nameOf(program_, look.section.lock));
    Finding out;
    out.check = kId;
    out.message = quoted(function) + " looks at " + quoted(name) + " under " + lock +
                  ", gives the lock back, and acts on what it saw under the next hold of it: another thread may have "
                  "changed it in between";
    out.location = program_.point(look.place);
    out.confidence = Confidence::Medium;
    out.confidenceReason = "it matters if several threads act, as the lock suggests";
    out.subjects = {name};
    out.functions = {function};
    out.witness = {{"a thread in " + quoted(function),
                    {{WitnessStep::Kind::Read, program_.point(look.place), function,
                      "learns about " + quoted(name) + " under " + lock, {}, 0},
                     {WitnessStep::Kind::Write, program_.point(change.place), function,
                      "changes " + quoted(name) + " under " + lock + " again", {}, 0}}}};
    out.sites = {{Site::Kind::Look, program_.point(look.place), function, {}},
                 {Site::Kind::Act, program_.point(change.place), function, {}}};
    out.fixHint = "Look and act under one hold of " + lock + ", or look again after taking it again.";
    findings.push_back(std::move(out));
  }

  const Program& program_;
  const Tables& tables_;
  const FunctionView& view_;
  std::vector<Use> looks_, changes_;
  std::set<std::string> reported_;
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  if (program.function(view.function).kind != Function::Kind::Constructor) Finder(program, view).find(findings);
}

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "What was seen in one critical section is acted on in the next",
    .reason =
        R"(Every access holds the lock, and the program is still wrong: what was true when the lock was given back need not be
true when it is taken again. A queue that was not empty may be empty at pop(); a balance that was enough may be spent;
a value read, changed outside and written back undoes what others wrote meanwhile.

It often hides behind an interface whose methods each lock by themselves: no caller can make one step of two of them.)",
    .example = R"(void drain(Queue& queue) {  // empty() and pop() each take the queue's lock
  if (!queue.empty()) {      // another consumer takes the last element here
    use(queue.pop());
  }
})",
    .fix =
        R"(Make the whole step one method under one hold of the lock, which says whether it did it:

  std::optional<Item> tryPop() {
    std::lock_guard lock(mu_);
    if (items_.empty()) return std::nullopt;
    ...
  }

Where the work in between is long, look again after taking the lock the second time, and start over if it changed.)",
    .cwe = "CWE-367",
};

}  // namespace

extern const Check kCheckThenAct;
const Check kCheckThenAct = {.info = kInfo, .inspect = inspect};

}  // namespace deadheat
