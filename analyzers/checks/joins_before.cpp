#include "analyzers/checks/joins_before.h"

#include <algorithm>

#include "analyzers/link/handles.h"

namespace deadheat {

EventWay wayTo(const Tables& tables, TraceId trace, FunctionIndex function, Location location) {
  EventWay way;
  for (; trace != TraceId::Here; trace = tables.traces[trace].rest)
    way.emplace_back(tables.traces[trace].function, tables.traces[trace].location);
  way.emplace_back(function, location);
  return way;
}

bool comesByJoin(const Scope& scope, const Tables& tables, const Moment& event, std::uint32_t actor, const ThreadFact& thread) {
  constexpr std::size_t kNear = 3;
  const PathTable& paths = tables.paths;
  const EventWay coming = wayTo(tables, event.trace, event.function, event.location);
  return std::any_of(scope.operations.begin(), scope.operations.end(), [&](const SharedOperation& join) {
    if (join.fact.kind != OperationFact::Kind::Join || join.actor != actor) return false;
    // Where members end, places do not say what comes first.
    const auto* said = std::get_if<Join>(join.fact.facts);
    if (!said || said->by != Join::By::Call) return false;
    const FieldName field = paths.lastField(join.fact.object);
    const bool itsHandle = std::any_of(thread.handles.begin(), thread.handles.end(), [&](PathId handle) {
      if (sameHandle(paths, join.fact.object, handle)) return joinsAll(paths, join.fact.object, handle);
      return field != FieldName{} && paths.lastField(handle) == field;
    });
    if (!itsHandle) return false;
    const EventWay joining = wayTo(tables, join.fact.trace, join.fact.function, join.fact.location);
    const std::size_t common = std::min(joining.size(), coming.size());
    std::size_t i = 0;
    while (i < common && joining[i] == coming[i]) ++i;
    return i < common && joining[i].first == coming[i].first && joining[i].second < coming[i].second &&
           coming.size() - i <= kNear;
  });
}

}  // namespace deadheat
