#include "analyzers/checks/team_order.h"

#include <algorithm>
#include <set>

namespace deadheat {
namespace {

using Kind = Region::Kind;

/// A phase without the marks of loop turns, and those marks.
struct PhaseName {
  std::string base;
  std::set<std::string> turns;
  auto operator<=>(const PhaseName&) const = default;
};

PhaseName phaseName(std::string_view text) {
  PhaseName out;
  while (!text.empty()) {
    const std::size_t mark = text.find('\'');
    out.base += text.substr(0, mark);
    if (mark == std::string_view::npos) break;
    const std::size_t end = text.find(';', mark);
    out.turns.emplace(text.substr(mark, end - mark + 1));
    text.remove_prefix(end + 1);
  }
  return out;
}

bool conflict(Dependence::Kind a, Dependence::Kind b) { return a != Dependence::Kind::In || b != Dependence::Kind::In; }

}  // namespace

std::size_t TeamOrder::first(int side, std::size_t from, Kind wanted) const {
  while (from < turns_.chain(side).size() && kind(side, from) != wanted) ++from;
  return from;
}

std::size_t TeamOrder::last(int side, std::size_t from, Kind wanted) const {
  std::size_t found = turns_.chain(side).size();
  for (std::size_t at = from; at < turns_.chain(side).size(); ++at)
    if (kind(side, at) == wanted) found = at;
  return found;
}

/// Whether the memory is made anew inside the common region at `at`, or reached through a pointer that is.
bool TeamOrder::isPrivateTo(std::size_t at) const {
  auto home = team_.homes.find(tables_.paths[facts_[0]->path].root);
  if (home == team_.homes.end()) return false;
  const std::vector<ContextId> around = tables_.contexts.chain(home->second);
  const ContextId region = turns_.chain(0)[at];
  // Contexts are cut to what matters, so a region is known by its function and number.
  return std::any_of(around.begin(), around.end(), [&](ContextId id) {
    return tables_.contexts[id].facts == tables_.contexts[region].facts &&
           tables_.contexts[id].function == tables_.contexts[region].function;
  });
}

/// Whether the two are run by the same thread, or one turn after the other.
bool TeamOrder::isSerial(std::size_t team) const {
  for (std::size_t at = team + 1; at < turns_.common(); ++at) {
    if (kind(0, at) == Kind::Task) break;
    if (kind(0, at) == Kind::Single || kind(0, at) == Kind::Section) return true;
  }
  const std::size_t share = first(0, team + 1, Kind::Share);
  if (share >= turns_.common()) return false;
  return first(0, share, Kind::Ordered) < turns_.chain(0).size() &&
         first(1, share, Kind::Ordered) < turns_.chain(1).size();
}

bool TeamOrder::haveCommonCritical(std::size_t from) const {
  std::set<std::string> names;
  for (std::size_t at = from; at < turns_.chain(0).size(); ++at)
    if (kind(0, at) == Kind::Critical) names.insert(turns_.node(0, at).facts->name);
  for (std::size_t at = from; at < turns_.chain(1).size(); ++at)
    if (kind(1, at) == Kind::Critical && names.contains(turns_.node(1, at).facts->name)) return true;
  return false;
}

/// In which turns of loops with barriers the two may be, for each barrier that both may have passed last.
Turns::Alternatives TeamOrder::phases(std::size_t team) const {
  std::set<std::pair<std::vector<bool>, int>> seen;
  Turns::Alternatives out;
  for (PathId x : tables_.pathSets[facts_[0]->phases]) {
    for (PathId y : tables_.pathSets[facts_[1]->phases]) {
      const PhaseName a = phaseName(tables_.symbols.text(tables_.paths[x].name));
      const PhaseName b = phaseName(tables_.symbols.text(tables_.paths[y].name));
      if (a.base != b.base) continue;
      std::vector<Comparison> comparisons;
      std::vector<bool> kept;
      for (std::size_t at = team + 1; at < turns_.common(); ++at) {
        const ContextNode& node = turns_.node(0, at);
        if (!node.facts->keepsStep || node.ranges.empty()) continue;
        const std::string turn = "'" + std::to_string(raw(node.function)) + "." + std::to_string(node.number) + ";";
        const bool same = a.turns.contains(turn) == b.turns.contains(turn);
        kept.push_back(same);
        const Affine mine = turns_.counter(at, 0, 0), other = turns_.counter(at, 0, 1);
        comparisons.push_back(same ? Turns::same(mine, other) : Turns::differ(mine, other));
      }
      if (seen.insert({kept, 0}).second) out.push_back(std::move(comparisons));
    }
  }
  return out;
}

/// That the two are in turns that different threads may have.
Turns::Alternatives TeamOrder::otherShare(std::size_t team) const {
  const std::size_t x = first(0, team + 1, Kind::Share), y = first(1, team + 1, Kind::Share);
  if (x >= turns_.chain(0).size() || y >= turns_.chain(1).size()) return {{}};
  if (first(0, team + 1, Kind::Task) < x || first(1, team + 1, Kind::Task) < y) return {{}};
  if (x < turns_.common() && x == y) return turns_.otherTurn(x);
  const ContextNode& a = turns_.node(0, x);
  const ContextNode& b = turns_.node(1, y);
  auto bounds = [](const ContextNode& node) {
    std::vector<std::tuple<std::vector<Symbol>, std::vector<Symbol>, std::uint32_t>> all;
    for (const LinkedRange& range : node.ranges) all.emplace_back(range.lower, range.upper, range.step);
    return all;
  };
  const bool alike = a.facts->fixedShare && b.facts->fixedShare && !a.ranges.empty() && bounds(a) == bounds(b);
  if (!alike) return {{}};
  return {{Turns::differ(turns_.counter(x, 0, 0), turns_.counter(y, 0, 1))}};
}

std::optional<TeamOrder::Meeting> TeamOrder::betweenThreads(std::size_t team) const {
  const bool league = kind(0, team) == Kind::League;
  if (isPrivateTo(team) || isSerial(team)) return std::nullopt;
  if (!league && haveCommonCritical(0)) return std::nullopt;
  Meeting out;
  out.own = team + 1;
  out.construct = turns_.node(0, team).function;
  out.league = league;
  out.alternatives = league ? Turns::Alternatives{{}} : phases(team);
  if (out.alternatives.empty()) return std::nullopt;
  if (!league) out.alternatives = both(out.alternatives, {{Turns::differ(Turns::thread(0), Turns::thread(1))}});
  out.alternatives = both(out.alternatives, otherShare(team));
  return out;
}

bool TeamOrder::isLive(PathId task, int at) const { return tables_.pathSets.contains(facts_[at]->tasks, task); }

/// The region after the innermost team that both are in; 0 if there is none.
std::size_t TeamOrder::innermostTeam() const {
  std::size_t own = 0;
  for (std::size_t at = 0; at < turns_.common(); ++at)
    if (kind(0, at) == Kind::Team || kind(0, at) == Kind::League) own = at + 1;
  return own;
}

/// Dependences of two tasks on objects that may be the same one: nothing if they are surely the same, else that they
/// are not.
std::optional<Turns::Alternatives> TeamOrder::otherObjects(const ContextNode& x, const ContextNode& y) const {
  Turns::Alternatives out{{}};
  for (const LinkedDependence& a : x.dependences) {
    for (const LinkedDependence& b : y.dependences) {
      if (!conflict(a.kind, b.kind) || a.object == PathId::Unknown || b.object == PathId::Unknown) continue;
      AccessFact fa, fb;
      fa.path = a.object;
      fb.path = b.object;
      std::vector<PathId> px = tables_.paths.prefixes(a.object), py = tables_.paths.prefixes(b.object);
      if (px.size() != py.size() || px.front() != py.front()) continue;
      bool alike = true;
      for (std::size_t i = 1; i < px.size() && alike; ++i) {
        const PathNode& s = tables_.paths[px[i]];
        const PathNode& t = tables_.paths[py[i]];
        alike = s.kind == t.kind && (s.kind == PathNode::Kind::Element || s.name == t.name);
      }
      if (!alike) continue;
      Turns::Alternatives differ;
      for (const auto& [s, t] : turns_.indexPairs(a.object, b.object)) {
        const auto left = turns_.renamed(s, innermostTeam(), 0), right = turns_.renamed(t, innermostTeam(), 1);
        if (!left || !right) return std::nullopt;
        differ.push_back({Turns::differ(*left, *right)});
      }
      if (differ.empty()) return std::nullopt;
      out = both(out, differ);
    }
  }
  return out;
}

/// Two runs of the common task at `task`.
std::optional<Turns::Alternatives> TeamOrder::betweenInstances(std::size_t task) const {
  if (task + 1 < turns_.common() && kind(0, task + 1) == Kind::Share) return turns_.otherTurn(task + 1);
  const PathId mark = turns_.node(0, task).task;
  if (!isLive(mark, 0) && !isLive(mark, 1)) return std::nullopt;
  const auto objects = otherObjects(turns_.node(0, task), turns_.node(0, task));
  if (!objects) return std::nullopt;
  for (std::size_t at = task; at > 0; --at)
    if (kind(0, at - 1) == Kind::Loop) return both(*objects, turns_.otherTurn(at - 1));
  return *objects;
}

/// Two tasks, or a task and its starter, from the regions `x` and `y` (the chain's length: none) on.
std::optional<Turns::Alternatives> TeamOrder::unorderedTasks(std::size_t x, std::size_t y) const {
  const bool hasX = x < turns_.chain(0).size(), hasY = y < turns_.chain(1).size();
  const bool live = (hasX && isLive(turns_.node(0, x).task, 1)) || (hasY && isLive(turns_.node(1, y).task, 0));
  if (!live) return std::nullopt;
  const std::size_t topX = first(0, turns_.common(), Kind::Task), topY = first(1, turns_.common(), Kind::Task);
  if (!hasX || !hasY) return Turns::Alternatives{{}};
  // A dependence orders what a task does itself, and what the tasks it waits for do.
  auto waits = [&](int side, std::size_t top, std::size_t inner) {
    if (top == inner) return true;
    auto end = team_.tasksAtEnd.find(turns_.node(side, top).task);
    return end != team_.tasksAtEnd.end() && !tables_.pathSets.contains(end->second, turns_.node(side, inner).task);
  };
  if (!waits(0, topX, x) || !waits(1, topY, y)) return Turns::Alternatives{{}};
  return otherObjects(turns_.node(0, topX), turns_.node(1, topY));
}

/// Memory made in a turn of a loop is the same for both only in the same turn.
std::vector<Comparison> TeamOrder::sameInstance() const {
  std::vector<Comparison> out;
  for (std::size_t at = 0; at < turns_.common(); ++at)
    if ((kind(0, at) == Kind::Loop || kind(0, at) == Kind::Share) && isPrivateTo(at))
      for (std::size_t r = 0; r < turns_.node(0, at).ranges.size(); ++r)
        out.push_back(Turns::same(turns_.counter(at, r, 0), turns_.counter(at, r, 1)));
  return out;
}

std::optional<TeamOrder::Meeting> TeamOrder::betweenTasks() const {
  const bool inTeam = innermostTeam() > 0;
  if (!inTeam && !team_.assumed) return std::nullopt;
  const std::size_t x = last(0, turns_.common(), Kind::Task), y = last(1, turns_.common(), Kind::Task);
  const bool hasX = x < turns_.chain(0).size(), hasY = y < turns_.chain(1).size();
  std::size_t shared = turns_.common();
  for (std::size_t at = 0; at < turns_.common(); ++at)
    if (kind(0, at) == Kind::Task) shared = at;
  std::optional<Turns::Alternatives> alternatives;
  if (hasX || hasY)
    alternatives = unorderedTasks(x, y);
  else if (shared < turns_.common() && !isPrivateTo(shared))
    alternatives = betweenInstances(shared);
  if (!alternatives) return std::nullopt;
  if (haveCommonCritical(0)) return std::nullopt;
  Meeting out;
  out.own = innermostTeam();
  out.construct = hasX ? turns_.node(0, x).function : hasY ? turns_.node(1, y).function : turns_.node(0, shared).function;
  out.alternatives = both(*alternatives, {sameInstance()});
  out.assumed = !inTeam && !team_.called;
  return out;
}

std::optional<TeamOrder::Meeting> TeamOrder::betweenLanes(std::size_t loop) const {
  if (isPrivateTo(loop) || turns_.node(0, loop).ranges.size() != 1) return std::nullopt;
  // Statements keep their order, so only what a later turn reads before an earlier one has written goes wrong.
  Meeting out;
  out.own = loop;
  out.construct = turns_.node(0, loop).function;
  for (int early : {0, 1}) {
    const AccessFact& write = *facts_[early];
    const AccessFact& read = *facts_[1 - early];
    if (!write.writes() || read.kind == AccessKind::Write || read.location.line > write.location.line) continue;
    const auto gap = turns_.counter(loop, 0, 1 - early).minus(turns_.counter(loop, 0, early));
    if (!gap) continue;
    std::vector<Comparison> comparisons{{gap->plus(Affine::number(-1)).value_or(*gap), Region::Relation::AtLeast}};
    if (const std::uint32_t distance = turns_.node(0, loop).facts->distance; distance != 0) {
      const auto near = Affine::number(distance - 1).minus(*gap);
      if (near) comparisons.push_back({*near, Region::Relation::AtLeast});
    }
    out.alternatives.push_back(std::move(comparisons));
  }
  if (out.alternatives.empty()) return std::nullopt;
  return out;
}

std::vector<TeamOrder::Meeting> TeamOrder::meetings() const {
  std::vector<Meeting> all;
  auto add = [&](std::optional<Meeting> meeting) {
    if (meeting) all.push_back(std::move(*meeting));
  };
  for (std::size_t at = 0; at < turns_.common(); ++at) {
    if (kind(0, at) == Kind::Team || kind(0, at) == Kind::League) add(betweenThreads(at));
    if (kind(0, at) == Kind::Lanes) add(betweenLanes(at));
  }
  add(betweenTasks());
  return all;
}

}  // namespace deadheat
