// The ways through a function: which conditions are followed, how a step or an edge divides, ends or merges ways, and
// what callers are told of them.
#include <algorithm>

#include "analyzers/link/frame.h"

namespace deadheat {
namespace {

Truth opposite(Truth truth) {
  return truth == Truth::True ? Truth::False : truth == Truth::False ? Truth::True : Truth::Unknown;
}

bool dependsOnResult(const Summary& summary) {
  return summary.heldIfTrue != summary.heldIfFalse || summary.releasedIfTrue != summary.releasedIfFalse;
}

}  // namespace

bool Frame::changesLocks(const Step& step) const {
  if (std::holds_alternative<Acquire>(*step.what) || std::holds_alternative<Release>(*step.what)) return true;
  if (step.call == Step::kNoCall) return false;
  const auto& applications = applications_[step.call];
  return std::any_of(applications.begin(), applications.end(), [](const Application& app) {
    return !app.spawn && !app.deferred &&
           (app.callee->heldAtExit != LocksetId::Empty || app.callee->releasedAtExit != PathSetId::Empty ||
            dependsOnResult(*app.callee));
  });
}

/// Whether control gets from the begin of `block` to a lock operation without another decision.
bool Frame::leadsToLock(std::uint32_t block) const {
  constexpr int kHops = 3;
  for (int hop = 0; hop < kHops; ++hop) {
    const StepBlock& at = body_.blocks[block];
    if (std::any_of(at.steps.begin(), at.steps.end(), [&](const Step& step) { return changesLocks(step); })) return true;
    if (at.successors.size() != 1 || body_.blocks[at.successors[0]].predecessors.size() != 1) return false;
    block = at.successors[0];
  }
  return false;
}

/// The followed conditions that decide at the end of `block`, and which truth of each takes the first way.
Frame::Decisions Frame::decisionsOf(std::uint32_t block) {
  Decisions out;
  const StepBlock& at = body_.blocks[block];
  if (at.branch == StepBlock::kNoBranch || at.successors.size() < 2) return out;
  const LinkedBranch& branch = body_.branches[at.branch];
  auto add = [&](const Condition& condition, bool negated) {
    for (unsigned i = 0; i < conditions_.size(); ++i)
      if (conditions_[i] == condition) out.push_back({i, negated ? Truth::False : Truth::True});
  };
  if (branch.outcome != PathId::Unknown) add({branch.outcome, {}, true}, branch.what->outcomeNegated);
  if (branch.tested != PathId::Unknown)
    add({aliases_.environment.normalise(branch.tested), branch.what->against, false}, branch.what->negated);
  return out;
}

void Frame::findConditions() {
  std::vector<Condition> outcomes;
  for (const CallSite& call : body_.calls) {
    const auto& applications = applications_[&call - body_.calls.data()];
    const bool matters = std::any_of(applications.begin(), applications.end(), [](const Application& app) {
      return !app.spawn && !app.deferred && dependsOnResult(*app.callee);
    });
    if (matters && call.result != PathId::Unknown) outcomes.push_back({call.result, {}, true});
  }
  std::vector<Condition> tested;  // Once for each branch.
  std::vector<Condition> deciding;
  for (std::uint32_t b : order_) {
    const StepBlock& block = body_.blocks[b];
    if (block.branch == StepBlock::kNoBranch || block.successors.size() < 2) continue;
    const LinkedBranch& branch = body_.branches[block.branch];
    if (branch.tested != PathId::Unknown)
      tested.push_back({aliases_.environment.normalise(branch.tested), branch.what->against, false});
    if (branch.outcome != PathId::Unknown) {
      const Condition outcome{branch.outcome, {}, true};
      if (std::find(outcomes.begin(), outcomes.end(), outcome) != outcomes.end()) deciding.push_back(outcome);
    } else if (branch.tested != PathId::Unknown) {
      if (leadsToLock(block.successors[0]) || leadsToLock(block.successors[1])) deciding.push_back(tested.back());
    }
  }
  auto follow = [&](const Condition& condition) {
    const bool known = std::find(conditions_.begin(), conditions_.end(), condition) != conditions_.end();
    if (!known && conditions_.size() < Valuation::kMaxConditions) conditions_.push_back(condition);
  };
  // First what decides twice: only there do two branches go together.
  for (const Condition& condition : deciding)
    if (condition.isOutcome || std::count(tested.begin(), tested.end(), condition) > 1) follow(condition);
  for (std::uint32_t b : order_) {  // And variables that keep what decides.
    for (const Step& step : body_.blocks[b].steps) {
      const PathId result = copiedResult(step);
      if (std::find(outcomes.begin(), outcomes.end(), Condition{result, {}, true}) == outcomes.end()) continue;
      const Condition kept{aliases_.environment.normalise(step.path), {}, false};
      if (std::find(tested.begin(), tested.end(), kept) != tested.end()) follow(kept);
    }
  }
  for (const Condition& condition : returnedNumbers()) follow(condition);
  for (const Condition& condition : deciding) follow(condition);
  for (const Condition& outcome : outcomes) follow(outcome);  // Returned on without a test.
}

/// Whether writing the memory at `written` may change what a test of `tested` says.
bool Frame::mayChange(PathId written, PathId tested) const {
  return written != PathId::Unknown &&
         (tables_.paths.hasPrefix(tested, written) || tables_.paths.hasPrefix(written, tested));
}

/// The result of a call that the step stores as it is; Unknown for all other steps.
PathId Frame::copiedResult(const Step& step) const {
  PathId from = PathId::Unknown;
  if (std::holds_alternative<Assign>(*step.what) && step.value.kind != Value::Kind::AddressOf) from = step.value.path;
  if (std::holds_alternative<Compute>(*step.what) && step.sources != Step::kNoCall && body_.sources[step.sources].size() == 1)
    from = body_.sources[step.sources][0];
  const bool isResult = from != PathId::Unknown && tables_.paths.isRoot(from) && tables_.paths.storage(from) == Storage::Result;
  return isResult ? from : PathId::Unknown;
}

/// What the step says of the condition: a constant is stored where it looks, or what a call returned.
Truth Frame::givenBy(const Step& step, const Condition& condition, Valuation known) {
  if (step.path == PathId::Unknown || aliases_.environment.normalise(step.path) != condition.path) return Truth::Unknown;
  if (const PathId result = copiedResult(step); result != PathId::Unknown && condition.against.empty()) {
    for (unsigned i = 0; i < conditions_.size(); ++i)
      if (conditions_[i] == Condition{result, {}, true}) return known[i];
  }
  if (const auto* compute = std::get_if<Compute>(step.what)) {
    if (compute->constant.empty()) return Truth::Unknown;
    const bool isZero = compute->constant == "0";
    const bool holds = condition.against.empty() ? !isZero : compute->constant == condition.against;
    return holds ? Truth::True : Truth::False;
  }
  if (!std::holds_alternative<Assign>(*step.what) || !condition.against.empty()) return Truth::Unknown;
  if (step.value.kind == Value::Kind::AddressOf) return Truth::True;
  return step.value.kind == Value::Kind::Constant ? Truth::False : Truth::Unknown;
}

/// Learns what the step says of conditions, and forgets what it makes uncertain.
void Frame::forgetConditions(Valuation& known, const Step& step) {
  for (unsigned i = 0; i < conditions_.size(); ++i) {
    if (conditions_[i].isOutcome) continue;
    const PathId tested = conditions_[i].path;
    const Truth given = givenBy(step, conditions_[i], known);
    if (given != Truth::Unknown) known.set(i, given);
    if (known[i] == Truth::Unknown || given != Truth::Unknown) continue;
    bool changes = false;
    if (const auto* access = std::get_if<Access>(step.what)) {
      changes = access->kind != AccessKind::Read && mayChange(aliases_.environment.normalise(step.path), tested);
    } else if (std::holds_alternative<Assign>(*step.what) || std::holds_alternative<Compute>(*step.what)) {
      changes = mayChange(aliases_.environment.normalise(step.path), tested);
    } else if (step.call != Step::kNoCall) {
      for (Application& app : applications_[step.call]) {
        for (const AccessFact& access : app.callee->accesses)
          changes = changes || (access.writes() && access.thread == kSelf && mayChange(app.names->path(access.path), tested));
        changes = changes || changesBelow(app, tested);
      }
    }
    if (changes) known.set(i, Truth::Unknown);
  }
}

/// The condition for the outcome of this call, or -1.
int Frame::outcomeOf(const Step& step) const {
  const PathId result = body_.calls[step.call].result;
  for (unsigned i = 0; i < conditions_.size(); ++i)
    if (conditions_[i].isOutcome && conditions_[i].path == result && result != PathId::Unknown) return static_cast<int>(i);
  return -1;
}

/// Takes every way over one step; a call whose effect depends on its result divides them.
void Frame::advance(Ways& ways, const Step& step) {
  const int outcome = step.call == Step::kNoCall ? -1 : outcomeOf(step);
  Ways after;
  for (Way& way : ways) {
    if (!conditions_.empty()) forgetConditions(way.known, step);
    if (const auto* result = std::get_if<Return>(step.what)) way.known.set(Valuation::kResult, returned(way.known, step, *result));
    if (outcome < 0) {
      transfer(way.state, step);
      after.add(std::move(way), tables_);
      continue;
    }
    for (Truth truth : {Truth::True, Truth::False}) {
      Way each = way;
      each.known.set(static_cast<unsigned>(outcome), truth);
      outcome_ = truth;
      transfer(each.state, step);
      after.add(std::move(each), tables_);
    }
    outcome_ = Truth::Unknown;
  }
  ways = std::move(after);
}

/// The local whose value the step returns, as a condition; nothing if it returns something else.
std::optional<Frame::Condition> Frame::returnedNumber(const Step& step) const {
  if (!std::holds_alternative<Return>(*step.what) || step.sources == Step::kNoCall) return std::nullopt;
  const std::vector<PathId>& from = body_.sources[step.sources];
  if (from.size() != 1 || !tables_.paths.isRoot(from[0]) || tables_.paths.storage(from[0]) != Storage::Local)
    return std::nullopt;
  return Condition{from[0], {}, false};
}

/// Locals that a function which changes locks returns: `int failed = 1; … failed = 0; … return failed;`.
std::vector<Frame::Condition> Frame::returnedNumbers() const {
  std::vector<Condition> found;
  bool locks = false;
  for (std::uint32_t b : order_) {
    for (const Step& step : body_.blocks[b].steps) {
      if (const auto number = returnedNumber(step)) found.push_back(*number);
      locks |= changesLocks(step);
    }
  }
  return locks ? found : std::vector<Condition>();
}

Truth Frame::returned(Valuation known, const Step& step, const Return& result) const {
  if (result.truth != Return::Truth::Unknown) return result.truth == Return::Truth::True ? Truth::True : Truth::False;
  for (unsigned i = 0; i < conditions_.size(); ++i)
    if (conditions_[i].isOutcome && conditions_[i].path == step.second && step.second != PathId::Unknown)
      return result.outcomeNegated ? opposite(known[i]) : known[i];
  const auto number = returnedNumber(step);
  for (unsigned i = 0; number && i < conditions_.size(); ++i)
    if (conditions_[i] == *number) return known[i];
  return Truth::Unknown;
}

/// Whether the way may take the edge from `from` to its successor number `index`; if so it knows more after.
bool Frame::follows(Way& way, const Decisions& decisions, std::size_t index) const {
  if (index > 1) return true;
  for (const Decision& decision : decisions) {
    const Truth needed = index == 0 ? decision.first : opposite(decision.first);
    if (way.known[decision.condition] == opposite(needed)) return false;
    way.known.set(decision.condition, needed);
  }
  return true;
}

/// What callers are told of the locks at the exit: in general, and for each outcome where that decides.
void Frame::summariseExit(const Ways& ways) {
  auto collapse = [&](Truth without) {
    Ways some = ways;
    some.eraseIf([&](const Way& way) { return without != Truth::Unknown && way.known[Valuation::kResult] == without; });
    return mergedState(guarded(some, tables_), tables_);
  };
  const FlowState all = collapse(Truth::Unknown);
  const FlowState ifTrue = collapse(Truth::False), ifFalse = collapse(Truth::True);
  const bool divides = ifTrue.reached && ifFalse.reached && ifTrue.held != ifFalse.held;
  summary.heldIfTrue = takenHere(divides ? ifTrue.held : all.held);
  summary.heldIfFalse = takenHere(divides ? ifFalse.held : all.held);
  summary.heldAtExit =
      divides ? tables_.locksets.intersected(summary.heldIfTrue, summary.heldIfFalse) : summary.heldIfTrue;
  const FlowState every = mergedState(ways, tables_);
  const bool releasesDiffer = ifTrue.reached && ifFalse.reached && ifTrue.released != ifFalse.released;
  summary.releasedAtExit = every.released;
  summary.releasedIfTrue = releasesDiffer ? ifTrue.released : every.released;
  summary.releasedIfFalse = releasesDiffer ? ifFalse.released : every.released;
  summary.acquiredAtExit = every.acquired;
  summary.notifiedAtExit = every.notified;
  summary.phasesAtExit = every.phases;
  summary.tasksAtExit = every.tasks;
  summary.liveAtExit = every.live;
  summary.straightAtExit = every.straight;
  summary.takenAtExit = every.taken;
}

}  // namespace deadheat
