#include "tool/explore/systematic.h"

#include <algorithm>
#include <bit>

#include "tool/explore/happens_before.h"

namespace deadheat {
namespace {

using protocol::DeviationKind;
using protocol::TraceEntry;

std::uint64_t bit(std::uint32_t thread) { return thread < 64 ? std::uint64_t{1} << thread : 0; }

/// Who had the turn could keep it.
bool canKeepTurn(const TraceEntry& entry) {
  return entry.standing == entry.keyThread && (entry.flags & protocol::kTraceGaveWay) == 0;
}

/// It did.
bool keepsTurn(const TraceEntry& entry) {
  return entry.kind == DeviationKind::Switch && entry.chosen == entry.standing && canKeepTurn(entry);
}

/// Preemptions that the choice costs: the thread that had the turn could have kept it, or a time is over early.
unsigned price(const TraceEntry& entry, std::uint32_t chosen) {
  if (entry.kind != DeviationKind::Switch || chosen == entry.standing) return 0;
  return (canKeepTurn(entry) ? 1 : 0) + ((entry.ready & bit(chosen)) == 0 ? 1 : 0);
}

/// Who waits, but may go on for no reason that can be seen: a time is over, a wake-up comes unasked.
std::uint64_t mayWake(const TraceEntry& entry) {
  return entry.kind != DeviationKind::Switch ? 0 : entry.all & ~entry.ready;
}

/// Who may be chosen.
std::uint64_t eligible(const TraceEntry& entry) { return entry.enabled | mayWake(entry); }

bool decides(const TraceEntry& entry) { return entry.kind != DeviationKind::Switch || entry.step != 0; }

/// The same decision, met again.
bool same(const TraceEntry& a, const TraceEntry& b) {
  return a.kind == b.kind && a.step == b.step && a.hash == b.hash && a.keyThread == b.keyThread && a.pc == b.pc;
}

}  // namespace

/// Operations of a run, each with the decision that chose it.
class SystematicSearch::Trace {
 public:
  Trace(const std::vector<TraceEntry>& entries, std::vector<NodePtr> nodes) : nodes_(std::move(nodes)) {
    std::size_t decision = 0;
    for (const TraceEntry& entry : entries) {
      NodePtr node = decides(entry) ? nodes_[decision++] : nullptr;
      if (entry.kind == DeviationKind::Switch) operations_.push_back({&entry, std::move(node)});
    }
  }
  std::size_t size() const { return operations_.size(); }
  const TraceEntry& operator[](std::size_t i) const { return *operations_[i].first; }
  /// Null: nobody else could have gone on.
  const NodePtr& nodeAt(std::size_t i) const { return operations_[i].second; }
  /// The first operation of the turn that number `i` belongs to.
  std::size_t turnOf(std::size_t i) const {
    while (i != 0 && (*this)[i - 1].chosen == (*this)[i].chosen) --i;
    return i;
  }

 private:
  std::vector<NodePtr> nodes_;
  std::vector<std::pair<const TraceEntry*, NodePtr>> operations_;
};

std::optional<SystematicSearch::Run> SystematicSearch::next() {
  Item item;
  if (started_ != 0) {
    auto cheapest = std::find_if(pending_.begin(), pending_.end(), [](const auto& items) { return !items.empty(); });
    if (cheapest == pending_.end()) return std::nullopt;
    item = std::move(cheapest->back());
    cheapest->pop_back();
  }
  Run run{started_++, {}};
  std::uint32_t chosen = item.chosen;
  for (const Node* node = item.node.get(); node != nullptr; node = node->parent.get()) {
    if (chosen != node->entry.standing) run.choices.push_back({node->entry, chosen});
    chosen = node->chosenThere;
  }
  std::reverse(run.choices.begin(), run.choices.end());
  running_.emplace(run.id, std::move(item));
  return run;
}

std::vector<SystematicSearch::NodePtr> SystematicSearch::wayTo(const Item& item) const {
  std::vector<NodePtr> way;
  for (NodePtr node = item.node; node; node = node->parent) way.push_back(node);
  std::reverse(way.begin(), way.end());
  return way;
}

SystematicSearch::NodePtr SystematicSearch::makeNode(const NodePtr& parent, const TraceEntry* before,
                                                     const TraceEntry& decision, const SleepSet& asleep) {
  auto node = std::make_shared<Node>();
  node->entry = decision;
  node->taken = bit(decision.chosen);
  node->asleep = asleep;
  if (parent) {
    node->parent = parent;
    node->chosenThere = before->chosen;
    node->cost = parent->cost + price(*before, before->chosen);
  }
  // Nothing tells which waiters, or which of what the program left open, matter: all are tried. Whoever ends the
  // process does so without the others.
  if (decision.kind != DeviationKind::Switch || (decision.flags & protocol::kTraceExit) != 0)
    addAll(node, decision.enabled);
  // As soon as the wait has begun; what it conflicts with tells when else.
  addAll(node, mayWake(decision) & ~(before ? mayWake(*before) : 0));
  return node;
}

std::vector<SystematicSearch::NodePtr> SystematicSearch::follow(const Item& item,
                                                                const std::vector<TraceEntry>& entries) {
  const std::vector<NodePtr> sent = wayTo(item);
  std::vector<NodePtr> way;
  SleepSet asleep;
  const TraceEntry* before = nullptr;
  for (const TraceEntry& entry : entries) {
    if (decides(entry)) {
      const bool known = way.size() < sent.size();
      if (known && !same(sent[way.size()]->entry, entry)) return {};
      if (item.node && way.size() + 1 == sent.size() && entry.chosen != item.chosen) return {};
      way.push_back(known ? sent[way.size()] : makeNode(way.empty() ? nullptr : way.back(), before, entry, asleep));
      before = &entry;
    }
    const TraceEntry* instead = decides(entry) ? &way.back()->entry : nullptr;
    asleep.performed(entry, instead && keepsTurn(*instead) && instead->chosen != entry.chosen ? instead : nullptr);
  }
  return way.size() < sent.size() ? std::vector<NodePtr>{} : way;
}

void SystematicSearch::add(const NodePtr& node, std::uint32_t thread) {
  if ((node->taken & bit(thread)) != 0) return;
  if (node->entry.kind == DeviationKind::Switch && node->asleep.has(thread)) return;
  node->taken |= bit(thread);
  const unsigned cost = node->cost + price(node->entry, thread);
  if (cost > bound_)
    beyond_ = true;
  else
    pending_[cost].push_back({node, thread});
}

void SystematicSearch::addAll(const NodePtr& node, std::uint64_t threads) {
  for (; threads != 0; threads &= threads - 1) add(node, static_cast<std::uint32_t>(std::countr_zero(threads)));
}

void SystematicSearch::goFirst(const Trace& trace, std::size_t operation, std::uint32_t thread, std::uint64_t needs) {
  const NodePtr& node = trace.nodeAt(operation);
  if (!node) return;
  if ((eligible(node->entry) & bit(thread)) != 0)
    node->asleep.has(thread) ? addAll(node, needs & eligible(node->entry)) : add(node, thread);
  else
    addAll(node, node->entry.enabled);
}

void SystematicSearch::took(std::size_t id, const std::vector<TraceEntry>& entries) {
  auto found = running_.find(id);
  const Item item = std::move(found->second);
  running_.erase(found);
  std::vector<NodePtr> way = follow(item, entries);
  if (way.empty() && (item.node || std::any_of(entries.begin(), entries.end(), decides))) {
    ++lost_;
    return;
  }
  const Trace trace(entries, std::move(way));
  RaceFinder races;
  for (std::size_t i = 0; i < trace.size(); ++i)
    for (std::size_t earlier : races.next(trace[i])) {
      goFirst(trace, earlier, trace[i].chosen, races.neededFor(earlier));
      goFirst(trace, trace.turnOf(earlier), trace[i].chosen, races.neededFor(trace.turnOf(earlier)));
    }
}

void SystematicSearch::lost(std::size_t id) {
  running_.erase(id);
  ++lost_;
}

std::optional<unsigned> SystematicSearch::boundDone() const {
  if (started_ == 0 || !running_.empty() || lost_ != 0) return std::nullopt;
  std::optional<unsigned> done;
  for (unsigned cost = 0; cost <= bound_ && pending_[cost].empty(); ++cost) done = cost;
  return done;
}

}  // namespace deadheat
