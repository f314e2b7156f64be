#include "analyzers/checks/turns.h"

#include <algorithm>
#include <set>

namespace deadheat {
namespace {

using Relation = Region::Relation;

constexpr std::size_t kMaxAlternatives = 16;

std::string named(std::string_view variable, int side) { return std::string(variable) + (side == 0 ? "'1" : "'2"); }

bool isOwn(std::string_view variable) { return variable.find('\'') != std::string_view::npos; }

}  // namespace

Turns::Turns(const Tables& tables, const AccessFact& a, const AccessFact& b) : tables_(tables), facts_{&a, &b} {
  chains_[0] = tables.contexts.chain(a.context);
  chains_[1] = tables.contexts.chain(b.context);
  while (common_ < chains_[0].size() && common_ < chains_[1].size() && chains_[0][common_] == chains_[1][common_])
    ++common_;
}

Affine Turns::thread(int side) { return Affine::variable(named("$tid", side)); }

Affine Turns::counter(std::size_t at, std::size_t range, int side) const {
  return Affine::variable(named(tables_.symbols.text(node(side, at).ranges[range].variable), side));
}

Comparison Turns::differ(const Affine& x, const Affine& y) {
  return {x.minus(y).value_or(Affine::variable("?")), Relation::NotEqual};
}

Comparison Turns::same(const Affine& x, const Affine& y) {
  return {x.minus(y).value_or(Affine::variable("?")), Relation::Equal};
}

Turns::Alternatives Turns::otherTurn(std::size_t at) const {
  Alternatives out;
  std::vector<Comparison> before;
  for (std::size_t r = 0; r < node(0, at).ranges.size(); ++r) {
    out.push_back(before);
    out.back().push_back(differ(counter(at, r, 0), counter(at, r, 1)));
    before.push_back(same(counter(at, r, 0), counter(at, r, 1)));
  }
  if (out.empty()) out.emplace_back();
  return out;
}

Turns::Alternatives both(const Turns::Alternatives& a, const Turns::Alternatives& b) {
  Turns::Alternatives out;
  for (const auto& x : a) {
    for (const auto& y : b) {
      if (out.size() >= kMaxAlternatives) return out;
      out.push_back(x);
      out.back().insert(out.back().end(), y.begin(), y.end());
    }
  }
  return out;
}

std::vector<std::pair<Symbol, Symbol>> Turns::indexPairs(PathId a, PathId b) const {
  std::vector<std::pair<Symbol, Symbol>> out;
  const std::vector<PathId> x = tables_.paths.prefixes(a), y = tables_.paths.prefixes(b);
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    const PathNode& s = tables_.paths[x[i]];
    const PathNode& t = tables_.paths[y[i]];
    if (s.kind == PathNode::Kind::Element && t.kind == PathNode::Kind::Element) out.emplace_back(s.name, t.name);
  }
  return out;
}

std::optional<Affine> Turns::renamed(Symbol index, std::size_t own, int side) const {
  const std::optional<Affine> number = Affine::parse(tables_.symbols.text(index));
  if (!number) return std::nullopt;
  const std::vector<std::string> names = number->variables();
  if (std::any_of(names.begin(), names.end(), [](const auto& name) { return name.front() == '?'; })) return std::nullopt;
  return number->replaced([&](std::string_view name) -> std::optional<Affine> {
    if (name == "$tid") return thread(side);
    for (std::size_t at = own; at < chains_[side].size(); ++at)
      for (const LinkedRange& range : node(side, at).ranges)
        if (tables_.symbols.text(range.variable) == name) return Affine::variable(named(name, side));
    return std::nullopt;
  });
}

/// What the region says of numbers.
void Turns::addRegion(const ContextNode& node, std::size_t own, int side, std::vector<Comparison>& to) const {
  if (const auto condition = renamed(node.condition, own, side)) to.push_back({*condition, node.facts->relation});
  for (const LinkedRange& range : node.ranges) {
    const auto variable = renamed(range.variable, own, side);
    if (!variable) continue;
    std::optional<Affine> lower;
    for (Symbol bound : range.lower) {
      lower = renamed(bound, own, side);
      const auto above = lower ? variable->minus(*lower) : std::nullopt;
      if (above) to.push_back({*above, Relation::AtLeast});
    }
    for (Symbol bound : range.upper) {
      const auto upper = renamed(bound, own, side);
      const auto below = upper ? upper->minus(*variable) : std::nullopt;
      if (below) to.push_back({*below, Relation::AtLeast});
    }
    if (range.step <= 1 || !lower || range.lower.size() != 1) continue;
    const Affine turn = Affine::variable("$turn" + variable->text());
    const auto steps = turn.times(Affine::number(range.step));
    const auto start = steps ? lower->plus(*steps) : std::nullopt;
    if (start) to.push_back(same(*variable, *start));
  }
}

/// If the difference has strides (unknowns that counters are multiplied by), what must hold for both indices to be in
/// the same row and at the same place in it, as they are when no index leaves its row.
std::optional<Affine> Turns::splitRows(const Affine& difference, std::vector<Comparison>& rows) const {
  std::set<std::string, std::less<>> strides;
  for (const auto& [product, factor] : difference.terms()) {
    const auto names = factorsOf(product);
    if (std::none_of(names.begin(), names.end(), isOwn)) continue;
    for (std::string_view name : names)
      if (!isOwn(name)) strides.emplace(name);
  }
  if (strides.empty()) return std::nullopt;
  std::map<std::string, Affine> byStride;
  byStride[""] = Affine::number(difference.constant());
  for (const auto& [product, factor] : difference.terms()) {
    std::string key;
    Affine rest = Affine::number(factor);
    for (std::string_view name : factorsOf(product)) {
      if (strides.contains(name)) {
        key += std::string(name) + "*";
      } else {
        rest = rest.times(Affine::variable(name)).value_or(Affine::variable("?"));
      }
    }
    Affine& sum = byStride[key];
    sum = sum.plus(rest).value_or(Affine::variable("?"));
  }
  for (const auto& [stride, sum] : byStride) rows.push_back({sum, Relation::Equal});
  return difference;
}

/// Whether a counter in `index` has no known start: rows of a sparse matrix, blocks found by a division.
bool Turns::startsAnywhere(const Affine& index, std::size_t own, int side) const {
  const std::vector<std::string> names = index.variables();
  for (std::size_t at = own; at < chains_[side].size(); ++at) {
    for (const LinkedRange& range : node(side, at).ranges) {
      const auto known = [&](Symbol bound) { return renamed(bound, own, side).has_value(); };
      const std::string counter = named(tables_.symbols.text(range.variable), side);
      if (std::none_of(range.lower.begin(), range.lower.end(), known) &&
          std::find(names.begin(), names.end(), counter) != names.end())
        return true;
    }
  }
  return false;
}

Turns::Answer Turns::meet(std::size_t own, const Alternatives& alternatives) const {
  Answer answer;
  std::vector<Comparison> known, exact, rows;
  for (std::size_t at = 0; at < own && at < common_; ++at) addRegion(node(0, at), own, 0, known);
  for (int side : {0, 1})
    for (std::size_t at = own; at < chains_[side].size(); ++at) addRegion(node(side, at), own, side, known);
  for (int side : {0, 1}) {
    known.push_back({thread(side), Relation::AtLeast});
    if (const auto below = Affine::variable("$threads").minus(thread(side)))
      known.push_back({below->plus(Affine::number(-1)).value_or(*below), Relation::AtLeast});
  }
  bool hasRows = false;
  for (const auto& [x, y] : indexPairs(facts_[0]->path, facts_[1]->path)) {
    const auto a = renamed(x, own, 0), b = renamed(y, own, 1);
    const auto difference = a && b ? a->minus(*b) : std::nullopt;
    if (!difference) {
      answer.unknownIndex = true;
      continue;
    }
    exact.push_back({*difference, Relation::Equal});
    answer.unknownBounds |= startsAnywhere(*a, own, 0) || startsAnywhere(*b, own, 1);
    for (const auto& [product, factor] : difference->terms()) {
      const auto names = factorsOf(product);
      answer.onSymbols |= std::none_of(names.begin(), names.end(), isOwn);
    }
    if (splitRows(*difference, rows))
      hasRows = true;
    else
      rows.push_back(exact.back());
  }
  auto solveWith = [&](const std::vector<Comparison>& equations) {
    Solution best = Solution::None;
    for (const auto& alternative : alternatives) {
      std::vector<Comparison> all = known;
      all.insert(all.end(), equations.begin(), equations.end());
      all.insert(all.end(), alternative.begin(), alternative.end());
      best = std::max(best, solve(all));
      if (best == Solution::Found) break;
    }
    return best;
  };
  answer.solution = solveWith(exact);
  answer.acrossRows = answer.solution != Solution::None && hasRows && solveWith(rows) == Solution::None;
  return answer;
}

}  // namespace deadheat
