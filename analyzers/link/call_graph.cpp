#include "analyzers/link/call_graph.h"

#include <algorithm>
#include <map>
#include <set>

#include "analyzers/link/function_values.h"
#include "llvm/ADT/SmallVector.h"

namespace deadheat {
namespace {

constexpr std::size_t kMaxVirtualTargets = 24;
constexpr std::size_t kMaxGuesses = 3;

/// Every method that overrides each method, transitively, itself first.
class Overriders {
 public:
  explicit Overriders(const Bodies& bodies) {
    for (const Body& body : bodies.functions) {
      FunctionIndex self = bodies.find(body.facts->id);
      for (const FunctionId& base : body.facts->overrides) direct_[base].push_back(self);
    }
    for (const Body& body : bodies.functions) ids_.push_back(body.facts->id);
  }

  std::vector<FunctionIndex> targets(const FunctionId& method, FunctionIndex body) const {
    std::vector<FunctionIndex> all;
    if (body != FunctionIndex::None) all.push_back(body);
    std::vector<std::string_view> work{method};
    std::set<std::string_view> seen;
    while (!work.empty() && all.size() < kMaxVirtualTargets) {
      std::string_view id = work.back();
      work.pop_back();
      if (!seen.insert(id).second) continue;
      auto found = direct_.find(id);
      if (found == direct_.end()) continue;
      for (FunctionIndex f : found->second) {
        all.push_back(f);
        work.push_back(ids_[raw(f)]);
      }
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

 private:
  std::map<std::string_view, std::vector<FunctionIndex>> direct_;
  std::vector<std::string_view> ids_;
};

const Callee& calleeOf(const EventKind& what) {
  if (const auto* call = std::get_if<Call>(&what)) return call->callee;
  return std::get<Spawn>(what).entry;
}

template <typename Visit>
void eachCall(Bodies& bodies, Visit visit) {
  for (Body& body : bodies.functions) {
    for (StepBlock& block : body.blocks) {
      for (Step& step : block.steps) {
        if (step.call != Step::kNoCall) visit(body.calls[step.call], calleeOf(*step.what));
      }
    }
  }
}

/// Tarjan's algorithm without recursion.
class Components {
 public:
  explicit Components(const std::vector<std::vector<FunctionIndex>>& edges)
      : edges_(edges), index_(edges.size(), 0), low_(edges.size(), 0), onStack_(edges.size(), false) {}

  std::vector<std::vector<FunctionIndex>> run() {
    for (std::uint32_t f = 0; f < edges_.size(); ++f) {
      if (index_[f] == 0) visit(f);
    }
    return std::move(components_);
  }

 private:
  struct Frame {
    std::uint32_t node;
    std::size_t next;
  };

  void enter(std::uint32_t node) {
    index_[node] = low_[node] = ++counter_;
    stack_.push_back(node);
    onStack_[node] = true;
    frames_.push_back({node, 0});
  }

  void visit(std::uint32_t start) {
    enter(start);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const std::uint32_t node = frame.node;
      if (frame.next < edges_[node].size()) {
        std::uint32_t to = raw(edges_[node][frame.next++]);
        if (index_[to] == 0)
          enter(to);
        else if (onStack_[to])
          low_[node] = std::min(low_[node], index_[to]);
        continue;
      }
      frames_.pop_back();
      if (!frames_.empty()) low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
      if (low_[node] == index_[node]) close(node);
    }
  }

  void close(std::uint32_t node) {
    std::vector<FunctionIndex> component;
    for (std::uint32_t member = ~node; member != node;) {
      member = stack_.back();
      stack_.pop_back();
      onStack_[member] = false;
      component.push_back(static_cast<FunctionIndex>(member));
    }
    std::sort(component.begin(), component.end());
    components_.push_back(std::move(component));
  }

  const std::vector<std::vector<FunctionIndex>>& edges_;
  std::vector<std::uint32_t> index_, low_, stack_;
  std::vector<bool> onStack_;
  std::vector<Frame> frames_;
  std::uint32_t counter_ = 0;
  std::vector<std::vector<FunctionIndex>> components_;
};

/// Every function that `body` may run, or mentions by value.
std::vector<FunctionIndex> referenced(const Body& body) {
  std::set<FunctionIndex> out;
  auto mention = [&](const LinkedValue& v) {
    if (v.function != FunctionIndex::None) out.insert(v.function);
  };
  for (const CallSite& call : body.calls) {
    out.insert(call.targets.begin(), call.targets.end());
    if (call.receiver) mention(*call.receiver);
    for (const LinkedValue& v : call.arguments) mention(v);
  }
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) mention(step.value);
  }
  return {out.begin(), out.end()};
}

}  // namespace

void resolveCalls(Bodies& bodies, Tables& tables) {
  Overriders overriders(bodies);
  eachCall(bodies, [&](CallSite& site, const Callee& callee) {
    if (site.kind == Callee::Kind::Virtual)
      site.targets = overriders.targets(callee.function, site.function);
    else if (site.function != FunctionIndex::None)
      site.targets = {site.function};
  });
  bindFunctionValues(bodies, tables);

  std::map<std::string_view, std::vector<FunctionIndex>> bySignature;
  for (std::uint32_t i = 0; i < bodies.functions.size(); ++i) {
    const Function& f = *bodies.functions[i].facts;
    if (f.addressTaken && !f.signature.empty()) bySignature[f.signature].push_back(static_cast<FunctionIndex>(i));
  }
  eachCall(bodies, [&](CallSite& site, const Callee& callee) {
    if (site.kind != Callee::Kind::Indirect || !site.targets.empty()) return;
    if (tables.paths.storage(site.target.path) == Storage::Parameter) return;  // Callers know.
    auto found = bySignature.find(callee.signature);
    if (found == bySignature.end() || found->second.size() > kMaxGuesses) return;
    site.targets = found->second;
    site.guessed = true;
  });
}

CallOrder orderCalls(const Bodies& bodies) {
  CallOrder order;
  std::vector<std::vector<FunctionIndex>> edges;
  order.callers.resize(bodies.functions.size());
  for (std::uint32_t i = 0; i < bodies.functions.size(); ++i) {
    edges.push_back(referenced(bodies.functions[i]));
    for (FunctionIndex callee : edges.back()) order.callers[raw(callee)].push_back(static_cast<FunctionIndex>(i));
  }
  order.components = Components(edges).run();
  for (const auto& component : order.components) {
    FunctionIndex first = component.front();
    const auto& out = edges[raw(first)];
    order.recursive.push_back(component.size() > 1 || std::binary_search(out.begin(), out.end(), first));
  }
  return order;
}

}  // namespace deadheat
