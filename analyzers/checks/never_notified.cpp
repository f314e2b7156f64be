// never-notified: a condition is waited for without a time limit, and nothing in the program signals it.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/condition_uses.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/protection.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
    .id = "never-notified",
    .title = "A condition is waited for that nobody signals",
    .reason =
        R"(A thread that waits for a condition variable without a time limit goes on when somebody signals it. If no code that
was analysed ever does, the thread sleeps for good once its state is not already reached when it comes; that it sometimes
goes on is owed to spurious wake-ups. Usually the signal was forgotten where the state is changed, or goes to another
condition variable.)",
    .example = R"(void produce(Job job) {
  std::lock_guard lock(mu);
  jobs.push(std::move(job));  // and filled.notify_one()?
}

Job consume() {
  std::unique_lock lock(mu);
  filled.wait(lock, [] { return !jobs.empty(); });
  return take(jobs);
})",
    .fix =
        R"(Signal the condition after each change of the state that can end a wait:

  jobs.push(std::move(job));
  filled.notify_one();

If the signal comes from code that was not analysed, include that code.)",
    .cwe = "CWE-833",
    .endsInHang = true,
};

/// What a condition is known by, wherever it is seen from: its class and field, or its variable. Empty if it is
/// reached through a pointer that says neither.
std::string identityOf(const Program& program, PathId condition) {
  const PathTable& paths = program.tables().paths;
  if (condition == PathId::Unknown) return {};
  while (paths[condition].kind == PathNode::Kind::Element) condition = paths[condition].parent;
  const PathNode& node = paths[condition];
  const Symbols& symbols = program.tables().symbols;
  if (node.kind == PathNode::Kind::Field) {
    return std::string(symbols.text(node.record)) + "::" + std::string(symbols.text(node.name));
  }
  if (node.kind != PathNode::Kind::Root) return {};
  switch (node.storage) {
    case Storage::Global:
    case Storage::Local:
    case Storage::Allocation:
      return std::to_string(raw(node.owner)) + " " + std::string(symbols.text(node.name));
    default:
      return {};
  }
}

class Search {
 public:
  explicit Search(const Program& program) : program_(program) {}

  std::vector<Finding> findings() {
    for (const Scope& scope : program_.scopes()) gather(scope);
    for (const Body& body : program_.bodies().functions) gather(body);
    std::vector<Finding> all;
    if (anySignal_) return all;
    for (const auto& [identity, wait] : waits_) {
      if (!signalled_.contains(identity)) all.push_back(report(*wait));
    }
    return all;
  }

 private:
  void gather(const Scope& scope) {
    hasMain_ |= scope.isMain;
    for (const SharedOperation& o : scope.operations) {
      if (o.fact.kind == OperationFact::Kind::Notify) {
        const std::string identity = identityOf(program_, o.fact.object);
        if (!identity.empty()) signalled_.insert(identity);
        // A signal of some condition, reached by a pointer that nobody was seen to pass.
        const bool whole = scope.kind != Scope::Kind::Frame || scope.whole;
        if (identity.empty() && whole) anySignal_ = true;
      }
      if (o.fact.kind != OperationFact::Kind::Wait) continue;
      const auto* facts = std::get_if<Wait>(o.fact.facts);
      const std::string identity = identityOf(program_, o.fact.object);
      if (!identity.empty() && facts && !facts->timed) waits_.try_emplace(identity, &o);
    }
  }

  /// Signals in functions that no scope reaches, and conditions handed to code that is not seen.
  void gather(const Body& body) {
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        if (std::holds_alternative<Notify>(*step.what)) signalled_.insert(identityOf(program_, step.path));
        if (std::holds_alternative<Escape>(*step.what)) signalled_.insert(identityOf(program_, step.value.path));
        if (step.call == Step::kNoCall) continue;
        const CallSite& call = body.calls[step.call];
        if (!call.targets.empty()) continue;
        for (const LinkedValue& argument : call.arguments) signalled_.insert(identityOf(program_, argument.path));
        if (call.receiver) signalled_.insert(identityOf(program_, call.receiver->path));
      }
    }
  }

  Finding report(const SharedOperation& wait) const {
    const OperationFact& fact = wait.fact;
    const std::string condition = nameOf(program_, fact.object);
    Finding out = findingAt(program_, kInfo.id, fact, condition, "waits for " + quoted(condition));
    out.message = quoted(program_.functionName(fact.function)) + " waits for " + quoted(condition) +
                  ", which nothing in the program signals";
    out.fixHint = "Signal " + quoted(condition) + " where the state it stands for is changed.";
    if (hasMain_)
      rate(out, Confidence::High, "the whole program was seen, and no signal of the condition is in it");
    else
      rate(out, Confidence::Medium, "the signal may come from code that was not analysed");
    return out;
  }

  const Program& program_;
  std::map<std::string, const SharedOperation*> waits_;
  std::set<std::string> signalled_;
  bool anySignal_ = false;
  bool hasMain_ = false;
};

std::vector<Finding> run(const Program& program) { return Search(program).findings(); }

}  // namespace

extern const Check kNeverNotified;
const Check kNeverNotified = {.info = kInfo, .run = run};

}  // namespace deadheat
