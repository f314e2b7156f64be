#include "analyzers/link/executor_turns.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "analyzers/link/handles.h"

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

/// A loop that is run in a frame, and by whom.
struct Run {
  PathId loop = PathId::Unknown;
  std::set<std::uint32_t> actors;
  bool many = false;  ///< One of those is many threads.
  bool several() const { return many || actors.size() > 1; }
};

/// What a frame knows of executors.
struct Known {
  std::vector<Run> runs;
  bool hasPool = false;     ///< It gives work to a pool of threads.
  bool hasUnknown = false;  ///< Something runs that has no name of its own: one of several executors.
  /// Whether everything that runs is one executor, in several threads.
  bool isOneForAll() const { return runs.size() == 1 && !hasUnknown && runs.front().several(); }
};

bool isOfPool(const Tables& tables, const Actor& actor) {
  const ThreadFact& thread = actor.thread;
  return actor.kind == Actor::Kind::Thread && thread.facts && thread.facts->where == SpawnWhere::Pool &&
         !thread.handles.empty() && !isHandler(tables, thread.handles);
}

Known knownTo(const Scope& frame, const Tables& tables) {
  Known known;
  for (const SharedOperation& operation : frame.operations) {
    const auto* block = operation.fact.facts ? std::get_if<Block>(operation.fact.facts) : nullptr;
    if (operation.fact.kind != OperationFact::Kind::Block || !block || block->what != "run") continue;
    const PathId loop = operation.fact.object;
    if (loop == PathId::Unknown || tables.paths.passes(loop, PathNode::Kind::Element) || operation.fact.guessed) {
      known.hasUnknown = true;
      continue;
    }
    auto run =
        std::ranges::find_if(known.runs, [&](const Run& each) { return sameHandle(tables.paths, each.loop, loop); });
    if (run == known.runs.end()) run = known.runs.insert(run, Run{loop, {}, false});
    run->actors.insert(operation.actor);
    run->many |= frame.isMany(operation.actor);
  }
  for (const Actor& actor : frame.actors) known.hasPool |= isOfPool(tables, actor);
  return known;
}

bool isTakingTurns(const Tables& tables, const Actor& actor) {
  return actor.kind == Actor::Kind::Thread && actor.thread.facts && actor.thread.facts->how != "coroutine" &&
         isHandler(tables, actor.thread.handles);
}

/// Decides for one handler.
class Placing {
 public:
  Placing(Scope& frame, Tables& tables, const Known& known, bool hasStrands)
      : frame_(frame), tables_(tables), known_(known), hasStrands_(hasStrands) {}

  void place(Actor& handler) {
    const PathId home = handler.thread.handles.front();
    const bool isStrand = lastName(tables_, home) == kTurn, isNamed = lastName(tables_, home) == kLoop;
    const Run* run = nullptr;
    for (const Run& each : known_.runs)
      if (isNamed && sameHandle(tables_.paths, each.loop, home)) run = &each;
    const bool isGuessed = !run && !isNamed;
    if (isGuessed && known_.runs.size() == 1 && !known_.hasUnknown) run = &known_.runs.front();
    if (!run && isStrand && known_.runs.empty() && known_.hasPool) {  // A strand over a pool.
      handler.thread.migrates = true;
      // When the pool is through, so is the strand.
      for (const Actor& other : frame_.actors)
        if (isOfPool(tables_, other)) handler.thread.handles.push_back(other.thread.handles.front());
      return;
    }
    if (!run) return;
    if (!run->several()) return share(handler, *run);
    if (isGuessed && !isStrand && hasStrands_) return;  // It may be one of those.
    handler.thread.migrates = true;
    handler.runners.assign(run->actors.begin(), run->actors.end());
    handler.homeGuessed = isGuessed && !isStrand;
  }

 private:
  /// One thread runs all of the executor.
  void share(Actor& handler, const Run& run) {
    const PathId turn = tables_.paths.field(run.loop, Symbol::Empty, tables_.symbols.intern(kTurn));
    auto give = [&](Actor& actor) {
      if (std::ranges::find(actor.thread.handles, turn) == actor.thread.handles.end())
        actor.thread.handles.insert(actor.thread.handles.begin(), turn);
    };
    handler.thread.migrates = true;
    give(handler);
    give(frame_.actors[*run.actors.begin()]);
  }

  Scope& frame_;
  Tables& tables_;
  const Known& known_;
  const bool hasStrands_;
};

/// What is called or started, directly or not, in a function.
std::set<FunctionIndex> reachedFrom(const Bodies& bodies, FunctionIndex from) {
  std::set<FunctionIndex> seen;
  std::vector<FunctionIndex> work{from};
  while (!work.empty()) {
    const FunctionIndex f = work.back();
    work.pop_back();
    if (!seen.insert(f).second) continue;
    for (const CallSite& call : bodies[f].calls)
      if (!call.guessed) work.insert(work.end(), call.targets.begin(), call.targets.end());
  }
  return seen;
}

/// Whether strands are made: what runs on an executor without a name may run on one of them.
bool makesStrands(const Bodies& bodies, const Tables& tables) {
  return std::ranges::any_of(bodies.functions, [&](const Body& body) {
    return std::ranges::any_of(body.blocks, [&](const StepBlock& block) {
      return std::ranges::any_of(block.steps, [&](const Step& step) {
        return std::holds_alternative<Assign>(*step.what) && lastName(tables, step.value.path) == kTurn;
      });
    });
  });
}

}  // namespace

bool isLoop(const Tables& tables, PathId path) { return lastName(tables, path) == kLoop; }

bool isHandler(const Tables& tables, std::span<const PathId> handles) {
  return std::ranges::any_of(handles, [&](PathId handle) { return isOnExecutor(tables, handle); });
}

bool isOnStrand(const Tables& tables, std::span<const PathId> handles) {
  return !handles.empty() && lastName(tables, handles.front()) == kTurn &&
         lastName(tables, tables.paths[handles.front()].parent) != kLoop;
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
  return isHandler(tables, handles) && std::ranges::any_of(tables.pathSets[moment.joined], [&](PathId joined) {
           return isLoop(tables, joined) ||
                  std::ranges::any_of(handles, [&](PathId handle) { return sameHandle(tables.paths, handle, joined); });
         });
}

void assignTurns(std::vector<Scope>& scopes, const Bodies& bodies, Tables& tables) {
  const bool hasStrands = makesStrands(bodies, tables);
  struct Seen {
    Known known;
    std::set<FunctionIndex> functions;  ///< All that the frame leads to.
  };
  std::vector<Seen> programs;
  for (const Scope& scope : scopes) {
    if (scope.kind != Scope::Kind::Frame || !scope.whole) continue;
    Known known = knownTo(scope, tables);
    if (!known.runs.empty() || known.hasUnknown)
      programs.push_back({std::move(known), reachedFrom(bodies, scope.frame)});
  }
  for (Scope& scope : scopes) {
    if (scope.kind != Scope::Kind::Frame) continue;
    if (std::ranges::none_of(scope.actors, [&](const Actor& actor) { return isTakingTurns(tables, actor); })) continue;
    Known known = knownTo(scope, tables);
    if (known.runs.empty() && !known.hasUnknown && !scope.whole) {
      bool any = false, all = true;
      for (const Seen& program : programs) {
        if (!program.functions.contains(scope.frame)) continue;
        any = true;
        all &= program.known.isOneForAll();
      }
      if (!any || !all || hasStrands) continue;
      for (Actor& actor : scope.actors) {
        if (!isTakingTurns(tables, actor)) continue;
        actor.thread.migrates = true;
        actor.homeGuessed = true;
      }
      continue;
    }
    Placing placing(scope, tables, known, hasStrands);
    for (Actor& actor : scope.actors)
      if (isTakingTurns(tables, actor)) placing.place(actor);
  }
}

}  // namespace deadheat
