#include "analyzers/checks/condition_uses.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "analyzers/checks/protection.h"

namespace deadheat {
namespace {

bool isNamedIn(const Scope& scope, Storage storage) {
  switch (storage) {
    case Storage::Global:
      return true;
    case Storage::This:
      return scope.kind != Scope::Kind::Library;
    case Storage::Local:
      return scope.kind != Scope::Kind::Class;
    case Storage::Allocation:
    case Storage::Result:
    case Storage::Parameter:
      return scope.kind == Scope::Kind::Frame;
    default:
      return false;
  }
}

/// The steps of a way, outermost first, and its end.
std::vector<std::pair<FunctionIndex, Location>> placesOf(const Tables& tables, const Moment& moment) {
  std::vector<std::pair<FunctionIndex, Location>> places;
  for (TraceId trace = moment.trace; trace != TraceId::Here; trace = tables.traces[trace].rest) {
    places.emplace_back(tables.traces[trace].function, tables.traces[trace].location);
  }
  places.emplace_back(moment.function, moment.location);
  return places;
}

}  // namespace

std::vector<ConditionUses> conditionsOf(const Program& program, const Scope& scope) {
  const PathTable& paths = program.tables().paths;
  std::vector<ConditionUses> all;
  std::map<std::vector<std::uint32_t>, std::size_t> index;
  auto usesOf = [&](PathId condition) -> ConditionUses& {
    auto [slot, fresh] = index.try_emplace(shapeOf(paths, condition), all.size());
    if (fresh) all.push_back({condition, {}, {}});
    return all[slot->second];
  };
  std::map<std::tuple<std::uint32_t, Location, TraceId>, std::vector<PathId>> awaited;
  for (const SharedOperation& o : scope.operations) {
    if (o.fact.kind != OperationFact::Kind::Awaited || o.fact.object == PathId::Unknown) continue;
    awaited[{o.actor, o.fact.location, o.fact.trace}].push_back(o.fact.object);
  }
  for (const SharedOperation& o : scope.operations) {
    if (o.fact.object == PathId::Unknown || !isNamedIn(scope, paths.storage(o.fact.object))) continue;
    if (o.fact.kind == OperationFact::Kind::Notify) usesOf(o.fact.object).signals.push_back(&o);
    if (o.fact.kind != OperationFact::Kind::Wait) continue;
    std::vector<PathId> states = awaited[{o.actor, o.fact.location, o.fact.trace}];
    std::sort(states.begin(), states.end());
    states.erase(std::unique(states.begin(), states.end()), states.end());
    usesOf(o.fact.object).waits.push_back({&o, std::get_if<Wait>(o.fact.facts), std::move(states)});
  }
  return all;
}

FunctionIndex functionWhereFollows(const Tables& tables, const Moment& earlier, const Moment& later) {
  const auto a = placesOf(tables, earlier), b = placesOf(tables, later);
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i] == b[i]) continue;
    if (a[i].first != b[i].first) return FunctionIndex::None;
    return a[i].second < b[i].second ? a[i].first : FunctionIndex::None;
  }
  return FunctionIndex::None;
}

Location placeIn(const Tables& tables, const Moment& moment, FunctionIndex function) {
  for (const auto& [where, location] : placesOf(tables, moment)) {
    if (where == function) return location;
  }
  return moment.location;
}

}  // namespace deadheat
