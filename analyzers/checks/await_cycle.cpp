// await-cycle: results or signals that are each given only after another of them has been waited for.
//
// A graph over what is waited for: an edge leads from a state to each one that everybody who signals the first has
// waited for before, whatever way was taken. On a cycle nobody ever signals. So threads, tasks and fibers that wait for
// each other are told alike, and it does not matter which of them comes first.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

using Kind = OperationFact::Kind;

constexpr std::string_view kAbsorbed[] = {"future-deadlock", "never-notified"};

constexpr CheckInfo kInfo = {
    .id = "await-cycle",
    .title = "Tasks wait for each other's results in a ring",
    .reason =
        R"(Each of two tasks wants the other's result before it gives its own: neither ever gives one, and both stand still,
with everybody who waits for them. The same happens over more tasks, and with channels, latches or semaphores in place
of results. No lock is involved, so nothing that watches locks sees it, and with coroutines not even a thread is
blocked: the program just does nothing any more.)",
    .example = R"(std::promise<int> price, stock;
auto a = std::async([&] { stock.set_value(price.get_future().get() > 0); });
auto b = std::async([&] { price.set_value(stock.get_future().get() * 2); });  // each waits for the other)",
    .fix =
        R"(Let one of them give what it can without the other, and the other wait for that:

  auto a = std::async([&] { stock.set_value(count()); });
  auto b = std::async([&] { price.set_value(stock.get_future().get() * 2); });)",
    .cwe = "CWE-833",
    .absorbs = kAbsorbed,
    .endsInHang = true,
    .ofTasks = true,
};

class Reporter {
 public:
  Reporter(const Program& program, const Scope& scope) : program_(program), tables_(program.tables()), scope_(scope) {
    for (const SharedOperation& operation : scope.operations) {
      const PathId state = waitedFor(operation);
      if (state != PathId::Unknown) waits_[state].push_back(&operation);
    }
    for (const SharedOperation& operation : scope.operations) {
      const OperationFact& fact = operation.fact;
      if (fact.kind == Kind::Notify && waits_.contains(fact.object)) signals_[fact.object].push_back(&operation);
    }
  }

  void add(std::vector<Finding>& findings) {
    for (const auto& [state, signals] : signals_)
      if (!seen_.contains(state)) follow(state, {}, findings);
  }

 private:
  /// The state that the operation needs to be signalled; Unknown if it may go on without.
  static PathId waitedFor(const SharedOperation& operation) {
    const OperationFact& fact = operation.fact;
    if (fact.guessed || !fact.facts) return PathId::Unknown;
    const auto* join = std::get_if<Join>(fact.facts);
    if (fact.kind == Kind::Join && join && join->ofResult && join->by == Join::By::Call) return fact.lock;
    const auto* block = std::get_if<Block>(fact.facts);
    return fact.kind == Kind::Block && block && block->what == "baton" ? fact.object : PathId::Unknown;
  }

  /// What everybody who signals `state` has waited for before.
  std::set<PathId> neededFor(PathId state) const {
    std::set<PathId> needed;
    bool isFirst = true;
    for (const SharedOperation* signal : signals_.at(state)) {
      std::set<PathId> before;
      for (PathId acquired : tables_.pathSets[signal->fact.acquired])
        if (signals_.contains(acquired) && !signal->fact.guessed) before.insert(acquired);
      if (isFirst) needed = before;
      std::erase_if(needed, [&](PathId path) { return !before.contains(path); });
      isFirst = false;
    }
    return needed;
  }

  void follow(PathId state, std::vector<PathId> way, std::vector<Finding>& findings) {
    const auto start = std::find(way.begin(), way.end(), state);
    if (start != way.end()) return report({start, way.end()}, findings);
    if (!seen_.insert(state).second) return;
    way.push_back(state);
    for (PathId needed : neededFor(state)) follow(needed, way, findings);
  }

  const SharedOperation* waitBefore(PathId needed, const SharedOperation& signal) const {
    for (const SharedOperation* wait : waits_.at(needed))
      if (wait->actor == signal.actor) return wait;
    return nullptr;
  }

  void report(const std::vector<PathId>& ring, std::vector<Finding>& findings) const {
    if (ring.size() < 2) return;
    Finding out;
    out.check = kInfo.id;
    std::string text;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const SharedOperation& signal = *signals_.at(ring[i]).front();
      const PathId needed = ring[(i + 1) % ring.size()];
      const SharedOperation* wait = waitBefore(needed, signal);
      const SharedOperation& place = wait ? *wait : signal;
      const std::string name = nameOf(ring[i]), function = program_.functionName(place.fact.function);
      WitnessStep last{WitnessStep::Kind::Wait,
                       program_.point(place.fact.location),
                       function,
                       "waits for " + quoted(nameOf(needed)) + " before it gives " + quoted(name),
                       {},
                       0};
      out.witness.push_back(witnessThread(program_, &scope_, place.actor, place.fact, last));
      out.subjects.push_back(name);
      if (std::ranges::find(out.functions, function) == out.functions.end()) out.functions.push_back(function);
      text += (text.empty()           ? ""
               : i + 1 == ring.size() ? ", and "
                                      : ", ") +
              quoted(function) + " gives " + quoted(name) + " after " + quoted(nameOf(needed));
      if (i == 0) out.location = program_.point(place.fact.location);
    }
    std::sort(out.subjects.begin(), out.subjects.end());
    std::sort(out.functions.begin(), out.functions.end());
    out.message = "They wait for each other in a ring: " + text;
    out.confidence = Confidence::High;
    out.confidenceReason = "nobody else gives these, and every way to giving one comes by waiting for the other";
    out.fixHint = "Let one of them give its result without waiting.";
    findings.push_back(std::move(out));
  }

  /// A promise by its own name rather than that of its state.
  std::string nameOf(PathId state) const {
    const PathNode& node = tables_.paths[state];
    const bool isState = node.kind == PathNode::Kind::Field && tables_.symbols.text(node.name) == "$state";
    return deadheat::nameOf(program_, isState ? node.parent : state);
  }

  const Program& program_;
  const Tables& tables_;
  const Scope& scope_;
  std::map<PathId, std::vector<const SharedOperation*>> waits_, signals_;
  std::set<PathId> seen_;
};

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  for (const Scope& scope : program.scopes())
    if (scope.kind == Scope::Kind::Frame) Reporter(program, scope).add(findings);
  return findings;
}

}  // namespace

extern const Check kAwaitCycle;
const Check kAwaitCycle = {.info = kInfo, .run = run};

}  // namespace deadheat
