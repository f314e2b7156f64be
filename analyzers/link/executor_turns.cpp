#include "analyzers/link/executor_turns.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace deadheat {
namespace {

constexpr std::string_view kTurn = "$turn", kLoop = "$loop", kExecutor = "$executor";

/// The name of the hidden member that the path is, empty if it is none.
std::string_view lastName(const Tables& tables, PathId path) {
  if (path == PathId::Unknown || tables.paths[path].kind != PathNode::Kind::Field) return {};
  return tables.symbols.text(tables.paths[path].name);
}

/// On an executor: known by name, or the one that some object was made with.
bool isOnExecutor(const Tables& tables, PathId handle) {
  if (handle == PathId::Unknown) return false;
  if (tables.paths[handle].kind == PathNode::Kind::Deref)
    return lastName(tables, tables.paths[handle].parent) == kExecutor;
  const std::string_view name = lastName(tables, handle);
  return name == kTurn || name == kLoop;
}

/// The actors of the frame that run some executor.
std::set<std::uint32_t> runnersOf(const Scope& frame) {
  std::set<std::uint32_t> runners;
  for (const SharedOperation& operation : frame.operations) {
    const auto* block = operation.fact.facts ? std::get_if<Block>(operation.fact.facts) : nullptr;
    if (operation.fact.kind == OperationFact::Kind::Block && block && block->what == "run")
      runners.insert(operation.actor);
  }
  return runners;
}

}  // namespace

bool isHandler(const Tables& tables, std::span<const PathId> handles) {
  return std::ranges::any_of(handles, [&](PathId handle) { return isOnExecutor(tables, handle); });
}

PathId turnOf(const Tables& tables, std::span<const PathId> handles) {
  if (handles.empty() || lastName(tables, handles.front()) != kTurn) return PathId::Unknown;
  return tables.paths.passes(handles.front(), PathNode::Kind::Element) ? PathId::Unknown : handles.front();
}

std::uint32_t runnerOf(const Tables& tables, std::span<const Actor> actors, std::uint32_t actor) {
  const std::vector<PathId>& handles = actors[actor].thread.handles;
  const PathId turn = turnOf(tables, handles);
  if (turn == PathId::Unknown || !isHandler(tables, std::span(handles).subspan(1))) return actor;
  for (std::uint32_t other = 1; other < actors.size(); ++other) {
    const std::vector<PathId>& names = actors[other].thread.handles;
    if (turnOf(tables, names) == turn && !isHandler(tables, std::span(names).subspan(1))) return other;
  }
  return actor;
}

bool comesAfterLoop(const Tables& tables, const Moment& moment, std::span<const PathId> handles) {
  return isHandler(tables, handles) &&
         std::ranges::any_of(tables.pathSets[moment.joined], [&](PathId joined) { return lastName(tables, joined) == kLoop; });
}

void assignTurns(Scope& frame, Tables& tables) {
  if (frame.kind != Scope::Kind::Frame) return;
  const std::set<std::uint32_t> runners = runnersOf(frame);
  if (runners.size() > 1 || (runners.size() == 1 && frame.isMany(*runners.begin()))) return;
  const Symbol name = tables.symbols.intern(kTurn);
  const PathId turn = tables.paths.root(Storage::Global, FunctionIndex::None, name, name);
  const PathId common = tables.paths.field(turn, Symbol::Empty, name);
  bool any = false;
  for (Actor& actor : frame.actors) {
    if (actor.kind != Actor::Kind::Thread || !isHandler(tables, actor.thread.handles)) continue;
    actor.thread.handles.insert(actor.thread.handles.begin(), common);
    any = true;
  }
  if (!any || frame.actors.empty()) return;
  std::vector<PathId>& handles = frame.actors[runners.empty() ? 0 : *runners.begin()].thread.handles;
  handles.insert(handles.begin(), common);
}

}  // namespace deadheat
