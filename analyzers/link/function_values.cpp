#include "analyzers/link/function_values.h"

#include <map>
#include <set>

namespace deadheat {
namespace {

using Cell = std::uint32_t;
constexpr Cell kNoCell = 0;
constexpr std::size_t kMaxTargets = 16;
constexpr int kMaxRounds = 8;

/// An inclusion graph over cells, solved by propagation.
class Flow {
 public:
  Flow(Bodies& bodies, Tables& tables) : bodies_(bodies), tables_(tables), values_(1), edges_(1) {}

  void run() {
    for (std::uint32_t i = 0; i < bodies_.functions.size(); ++i) seed(static_cast<FunctionIndex>(i));
    for (int round = 0; round < kMaxRounds; ++round) {
      propagate();
      if (!resolve()) return;
    }
  }

 private:
  Cell fresh() {
    values_.emplace_back();
    edges_.emplace_back();
    return static_cast<Cell>(values_.size() - 1);
  }

  Cell named(std::pair<std::uint64_t, std::uint64_t> key) {
    auto [slot, isNew] = cells_.try_emplace(key, 0);
    if (isNew) slot->second = fresh();
    return slot->second;
  }

  /// The cell that a path's function values live in: its last field, else its root.
  Cell cellOf(PathId path) {
    for (; path != PathId::Unknown; path = tables_.paths[path].parent) {
      const PathNode& node = tables_.paths[path];
      if (node.kind == PathNode::Kind::Field)
        return named({1, (std::uint64_t{raw(node.record)} << 32) | raw(node.name)});
      if (node.kind != PathNode::Kind::Root) continue;
      if (node.storage == Storage::Parameter) return parameter(node.owner, node.index);
      return node.storage == Storage::This ? kNoCell : named({2, raw(path)});
    }
    return kNoCell;
  }
  Cell parameter(FunctionIndex f, std::uint32_t index) { return named({3, (std::uint64_t{raw(f)} << 32) | index}); }
  Cell returned(FunctionIndex f) { return named({4, raw(f)}); }

  void flow(const LinkedValue& from, Cell to) {
    if (to == kNoCell) return;
    if (from.function != FunctionIndex::None) add(to, from.function);
    if (Cell source = cellOf(from.path); source != kNoCell && source != to) connect(source, to);
  }
  void connect(Cell from, Cell to) {
    if (edges_[from].insert(to).second) work_.insert(from);
  }
  void add(Cell cell, FunctionIndex f) {
    if (values_[cell].size() < kMaxTargets && values_[cell].insert(f).second) work_.insert(cell);
  }

  void seed(FunctionIndex f) {
    const Body& body = bodies_[f];
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        if (std::holds_alternative<Assign>(*step.what)) flow(step.value, cellOf(step.path));
        if (std::holds_alternative<Return>(*step.what)) flow(step.value, returned(f));
      }
    }
    for (const CallSite& call : body.calls) {
      for (FunctionIndex target : call.targets) pass(call, target);
    }
  }

  void pass(const CallSite& call, FunctionIndex target) {
    for (std::uint32_t i = 0; i < call.arguments.size(); ++i) flow(call.arguments[i], parameter(target, i));
    if (call.spawn) return;
    if (Cell result = cellOf(call.result); result != kNoCell) connect(returned(target), result);
  }

  void propagate() {
    while (!work_.empty()) {
      Cell cell = *work_.begin();
      work_.erase(work_.begin());
      const std::set<FunctionIndex> values = values_[cell];
      for (Cell to : std::set<Cell>(edges_[cell])) {
        for (FunctionIndex f : values) add(to, f);
      }
    }
  }

  /// Adds newly found targets to indirect calls; true if there were any.
  bool resolve() {
    bool changed = false;
    for (Body& body : bodies_.functions) {
      for (CallSite& call : body.calls) {
        if (call.kind == Callee::Kind::Indirect) changed |= resolve(call);
      }
    }
    return changed;
  }
  bool resolve(CallSite& call) {
    std::set<FunctionIndex> found(call.targets.begin(), call.targets.end());
    if (call.target.function != FunctionIndex::None) found.insert(call.target.function);
    if (Cell cell = cellOf(call.target.path); cell != kNoCell) found.insert(values_[cell].begin(), values_[cell].end());
    if (found.size() == call.targets.size()) return false;
    for (FunctionIndex f : found) {
      if (std::find(call.targets.begin(), call.targets.end(), f) == call.targets.end()) pass(call, f);
    }
    call.targets.assign(found.begin(), found.end());
    return true;
  }

  Bodies& bodies_;
  Tables& tables_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Cell> cells_;
  std::vector<std::set<FunctionIndex>> values_;
  std::vector<std::set<Cell>> edges_;
  std::set<Cell> work_;
};

}  // namespace

void bindFunctionValues(Bodies& bodies, Tables& tables) { Flow(bodies, tables).run(); }

}  // namespace deadheat
