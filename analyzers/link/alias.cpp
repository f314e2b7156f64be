#include "analyzers/link/alias.h"

#include <algorithm>
#include <map>
#include <set>

namespace deadheat {
namespace {

constexpr std::size_t kMaxStores = 96;

PathId returnedRoot(Tables& tables) {
  return tables.paths.root(Storage::Returned, FunctionIndex::None, Symbol::Empty, tables.symbols.intern("result"));
}

bool isFrameOwned(Storage s) { return s == Storage::Local || s == Storage::Allocation || s == Storage::Result; }

/// The fresh object that `v` points to, or Unknown.
PathId freshObject(const LinkedValue& v, const std::vector<PathId>& freshResults, Tables& tables) {
  PathId object = frameObject(v, tables);
  if (object == PathId::Unknown) return object;
  const PathNode node = tables.paths[object];
  if (node.kind == PathNode::Kind::Root) return node.storage == Storage::Allocation ? object : PathId::Unknown;
  bool fresh = node.kind == PathNode::Kind::Deref &&
               std::find(freshResults.begin(), freshResults.end(), node.parent) != freshResults.end();
  return fresh ? object : PathId::Unknown;
}

/// What the result of a call points to, if that is what `v` is: whoever gets it knows it by what it gets.
PathId calledObject(const LinkedValue& v, Tables& tables) {
  const bool isResult = v.kind == Value::Kind::Load && v.path != PathId::Unknown && tables.paths.isRoot(v.path) &&
                        tables.paths.storage(v.path) == Storage::Result;
  return isResult ? tables.paths.deref(v.path) : PathId::Unknown;
}

/// Turns the finished environment of one function into its summary.
class Summarizer {
 public:
  Summarizer(FunctionAliases& aliases, Tables& tables) : aliases_(aliases), tables_(tables) {}

  AliasSummary summarize(const Body& body) {
    for (const auto& [cell, value] : aliases_.environment.cells()) {
      if (isRelative(tables_.paths, cell) && tables_.paths.storage(cell) != Storage::Returned) store(cell, value);
    }
    for (const auto& [cell, object] : aliases_.escapes) {
      if (out_.stores.size() < kMaxStores) out_.stores.emplace_back(cell, LinkedValue{});
    }
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        if (std::holds_alternative<Return>(*step.what)) returns(step.value);
      }
    }
    if (conflicting_) out_.result = {};
    return std::move(out_);
  }

 private:
  void store(PathId cell, const LinkedValue& raw) {
    if (out_.stores.size() >= kMaxStores) return;
    LinkedValue value = aliases_.environment.normalise(raw);
    if (value.kind == Value::Kind::Object && value.path != cell && isLocalObject(value.path)) {
      copyCells(value.path, cell);
      value.path = cell;
    }
    out_.stores.emplace_back(cell, nameable(value) ? value : LinkedValue{});
  }

  bool isLocalObject(PathId path) const { return path != PathId::Unknown && isFrameOwned(tables_.paths.storage(path)); }

  bool nameable(const LinkedValue& v) const {
    if (v.kind == Value::Kind::Function) return true;
    if (v.kind == Value::Kind::Object && v.path == PathId::Unknown) return v.function != FunctionIndex::None;
    return v.known() && isRelativeValue(v);
  }
  bool isRelativeValue(const LinkedValue& v) const {
    const PathNode& node = tables_.paths[v.path];
    if (v.kind != Value::Kind::AddressOf && node.storage == Storage::Parameter) return true;
    return isRelative(tables_.paths, v.path);
  }

  /// The fields of a local object go with it to `to`.
  void copyCells(PathId from, PathId to) {
    for (const auto& [cell, value] : aliases_.environment.cellsUnder(from)) {
      if (cell == from) continue;
      LinkedValue v = aliases_.environment.normalise(value);
      PathId target = tables_.paths.rebase(cell, from, to);
      if (nameable(v) && out_.stores.size() < kMaxStores) out_.stores.emplace_back(target, v);
    }
  }

  void returns(const LinkedValue& raw) {
    if (raw.kind == Value::Kind::Constant) return;
    LinkedValue value = aliases_.environment.normalise(raw);
    if (isFresh(value)) {
      value = LinkedValue::addressOf(returnedRoot(tables_));
    } else if (value.kind == Value::Kind::Object && isLocalObject(value.path)) {
      copyCells(value.path, returnedRoot(tables_));
      out_.returnsObject = true;
      value.path = returnedRoot(tables_);
    }
    if (!nameable(value) && tables_.paths.storage(value.path) != Storage::Returned) value = {};
    if (!value.known() || (out_.result.known() && out_.result != value)) conflicting_ = true;
    out_.result = value;
  }

  bool isFresh(const LinkedValue& v) const { return freshObject(v, aliases_.freshResults, tables_) != PathId::Unknown; }

  FunctionAliases& aliases_;
  Tables& tables_;
  AliasSummary out_;
  bool conflicting_ = false;
};

void bindOrEscape(PathId cell, const LinkedValue& value, FunctionAliases& out, Tables& tables) {
  if (isRelative(tables.paths, cell)) {
    PathId object = frameObject(out.environment.normalise(value), tables);
    if (object != PathId::Unknown) {
      out.escapes.emplace_back(cell, object);
      return;
    }
  }
  out.environment.bind(cell, value);
}

void bindCall(const CallSite& call, const std::vector<AliasSummary>& summaries, FunctionAliases& out, Tables& tables) {
  Environment& env = out.environment;
  Actuals actuals = actualsOf(call, env);
  std::vector<std::pair<PathId, LinkedValue>> binds;
  bool fresh = !call.targets.empty();
  for (FunctionIndex target : call.targets) {
    const AliasSummary& callee = summaries[raw(target)];
    actuals.returnsObject = callee.returnsObject;
    Substitution substitution(tables, env, actuals);
    for (const auto& [cell, value] : callee.stores) {
      if (PathId to = substitution.path(cell); to != PathId::Unknown) binds.emplace_back(to, substitution.value(value));
    }
    bool returnsFresh = callee.result.kind == Value::Kind::AddressOf && callee.result.path != PathId::Unknown &&
                        tables.paths.storage(callee.result.path) == Storage::Returned;
    fresh &= returnsFresh;
    if (call.result == PathId::Unknown || returnsFresh) continue;
    LinkedValue result = substitution.value(callee.result);
    if (result.known() || call.targets.size() > 1) binds.emplace_back(call.result, result);
  }
  for (const auto& [cell, value] : binds) bindOrEscape(cell, value, out, tables);
  if (fresh && call.result != PathId::Unknown) out.freshResults.push_back(call.result);
}

}  // namespace

bool isRelative(const PathTable& paths, PathId path) {
  switch (paths.storage(path)) {
    case Storage::This:
    case Storage::Global:
    case Storage::Returned:
      return true;
    case Storage::Parameter:
      return paths.passes(path, PathNode::Kind::Deref);
    default:
      return false;
  }
}

PathId frameObject(const LinkedValue& value, Tables& tables) {
  if (value.path == PathId::Unknown || !isFrameOwned(tables.paths.storage(value.path))) return PathId::Unknown;
  if (value.kind == Value::Kind::AddressOf) return value.path;
  return value.kind == Value::Kind::Load ? tables.paths.deref(value.path) : PathId::Unknown;
}

std::vector<std::uint32_t> reversePostOrder(const Body& body) {
  std::vector<std::uint32_t> order;
  std::vector<bool> seen(body.blocks.size(), false);
  std::vector<std::pair<std::uint32_t, std::size_t>> stack;
  if (body.blocks.empty()) return order;
  stack.emplace_back(0, 0);
  seen[0] = true;
  while (!stack.empty()) {
    auto& [block, next] = stack.back();
    if (next < body.blocks[block].successors.size()) {
      std::uint32_t to = body.blocks[block].successors[next++];
      if (!seen[to]) {
        seen[to] = true;
        stack.emplace_back(to, 0);
      }
      continue;
    }
    order.push_back(block);
    stack.pop_back();
  }
  std::reverse(order.begin(), order.end());
  return order;
}

Actuals actualsOf(const CallSite& call, Environment& environment) {
  Actuals actuals;
  if (call.receiver) actuals.receiver = environment.normalise(*call.receiver);
  for (const LinkedValue& argument : call.arguments) actuals.arguments.push_back(environment.normalise(argument));
  if (!call.spawn) actuals.result = call.result;
  return actuals;
}

/// The assignments of a block that only pass the values of some pointers round among them, as in swapping two buffers:
/// afterwards each object has one pointer as before, so they make no two names of one object.
static std::vector<const Step*> exchanges(const StepBlock& block, const PathTable& paths) {
  std::map<PathId, PathId> holds;  // By cell: the cell whose value at the start of the block it has.
  std::vector<const Step*> steps;
  for (const Step& step : block.steps) {
    if (!std::holds_alternative<Assign>(*step.what)) continue;
    if (step.value.kind != Value::Kind::Load || step.path == PathId::Unknown) continue;
    auto from = holds.find(step.value.path);
    const PathId value = from == holds.end() ? step.value.path : from->second;
    holds[step.path] = value;
    steps.push_back(&step);
  }
  // Temporaries drop out; what is left must be a permutation.
  std::set<PathId> cells, values;
  for (const auto& [cell, value] : holds) {
    if (paths.isRoot(cell) && paths.storage(cell) == Storage::Local && !std::any_of(holds.begin(), holds.end(), [&](const auto& h) { return h.second == cell; }))
      continue;
    cells.insert(cell);
    values.insert(value);
  }
  return cells.size() > 1 && cells == values ? steps : std::vector<const Step*>();
}

FunctionAliases aliasesOf(const Bodies& bodies, FunctionIndex f, const std::vector<AliasSummary>& summaries,
                          const ProgramBindings* bindings, Tables& tables) {
  FunctionAliases out{Environment(tables, bindings), {}, {}, {}};
  const Body& body = bodies[f];
  for (std::uint32_t b : reversePostOrder(body)) {
    const std::vector<const Step*> swaps = exchanges(body.blocks[b], tables.paths);
    for (const Step& step : body.blocks[b].steps) {
      if (std::find(swaps.begin(), swaps.end(), &step) != swaps.end()) continue;
      if (std::holds_alternative<Assign>(*step.what)) {
        bindOrEscape(out.environment.normalise(step.path), step.value, out, tables);
      } else if (std::holds_alternative<Call>(*step.what)) {
        bindCall(body.calls[step.call], summaries, out, tables);
      } else if (std::holds_alternative<Return>(*step.what)) {
        const LinkedValue value = out.environment.normalise(step.value);
        PathId object = freshObject(value, out.freshResults, tables);
        if (object == PathId::Unknown) object = calledObject(value, tables);
        if (object != PathId::Unknown) out.returned.push_back(object);
      }
    }
  }
  // What a pointer of several values points to is not one object.
  std::erase_if(out.escapes, [&](const auto& escape) {
    const PathNode& object = tables.paths[escape.second];
    return object.kind == PathNode::Kind::Deref && out.environment.isAmbiguous(object.parent);
  });
  return out;
}

Aliases findAliases(const Bodies& bodies, const CallOrder& order, Tables& tables) {
  Aliases out;
  out.summaries.resize(bodies.functions.size());
  for (std::size_t c = 0; c < order.components.size(); ++c) {
    for (int round = 0; round < (order.recursive[c] ? 2 : 1); ++round) {
      for (FunctionIndex f : order.components[c]) {
        FunctionAliases aliases = aliasesOf(bodies, f, out.summaries, nullptr, tables);
        out.summaries[raw(f)] = Summarizer(aliases, tables).summarize(bodies[f]);
      }
    }
  }
  for (const AliasSummary& summary : out.summaries) {
    for (const auto& [cell, value] : summary.stores) {
      Storage s = tables.paths.storage(cell);
      if (s != Storage::This && s != Storage::Global) continue;
      if (tables.paths.passes(cell, PathNode::Kind::Deref) || tables.paths.passes(cell, PathNode::Kind::Element))
        continue;
      Storage v = value.path == PathId::Unknown ? Storage::Unknown : tables.paths.storage(value.path);
      bool self = v == Storage::This && s == Storage::This;
      out.bindings.add(cell,
                       self || v == Storage::Global || value.kind == Value::Kind::Function ? value : LinkedValue{});
    }
  }
  return out;
}

}  // namespace deadheat
