#include "analyzers/checks/race_pairs.h"

#include <algorithm>
#include <map>

#include "analyzers/checks/covers.h"
#include "analyzers/checks/doubts.h"
#include "analyzers/checks/handle_fields.h"
#include "analyzers/checks/open_calls.h"
#include "analyzers/checks/unseen_locks.h"

namespace deadheat {
namespace {

using Group = std::vector<const SharedAccess*>;
constexpr std::size_t kMaxPairsInGroup = 60000;

/// Accesses by the memory they can overlap with: the path up to its last dereference.
std::map<std::vector<std::uint32_t>, Group> groupsOf(const Program& program, const Scope& scope) {
  const PathTable& paths = program.tables().paths;
  std::map<std::vector<std::uint32_t>, Group> groups;
  for (const SharedAccess& access : scope.accesses) {
    if (!isData(program, access.fact.path)) continue;
    PathId base = access.fact.path;
    while (!paths.isRoot(base) && paths[base].kind != PathNode::Kind::Deref) base = paths[base].parent;
    groups[shapeOf(paths, base)].push_back(&access);
  }
  return groups;
}

bool conflicts(const AccessFact& a, const AccessFact& b) {
  if (!a.writes() && !b.writes()) return false;
  return a.atomicity != Atomicity::Atomic || b.atomicity != Atomicity::Atomic;
}

/// An object that each turn of the loop makes for the thread started in that turn.
bool isPerThread(const Scope& scope, const SharedAccess& a, const SharedAccess& b, const PathTable& paths) {
  if (a.actor != b.actor) return false;
  PathId root = paths[a.fact.path].root;
  return std::find(scope.perTurn.begin(), scope.perTurn.end(), root) != scope.perTurn.end();
}

RacePair ordered(const Scope& scope, const SharedAccess& a, const SharedAccess& b) {
  const bool swap = !a.fact.writes() || (b.fact.writes() && b.fact.location < a.fact.location);
  return swap ? RacePair{&scope, &b, &a, Confidence::High, ""} : RacePair{&scope, &a, &b, Confidence::High, ""};
}

/// The end of a local's life, which no lock puts off.
bool endsLocal(const Program& program, const AccessFact& fact) {
  const PathTable& paths = program.tables().paths;
  return fact.frees && paths.isRoot(fact.path) && paths.storage(fact.path) == Storage::Local;
}

/// One side ends an object, the other is a thread whose handle the class passes round.
bool outlivesKeeper(const Program& program, const Scope& scope, const RacePair& pair) {
  auto isSo = [&](const SharedAccess& end, const SharedAccess& use) {
    const Actor& user = scope.actors[use.actor];
    return end.fact.frees && user.kind == Actor::Kind::Thread && !endsLocal(program, end.fact) &&
           movesOn(program, user.thread);
  };
  return isSo(*pair.a, *pair.b) || isSo(*pair.b, *pair.a);
}

template <typename Visit>
void eachPair(const Program& program, const Scope& scope, const Doubts& doubts, const Group& group, Visit visit) {
  const Tables& tables = program.tables();
  if (std::none_of(group.begin(), group.end(), [](const auto* a) { return a->fact.writes(); })) return;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    for (std::size_t j = i; j < group.size(); ++j) {
      const SharedAccess& a = *group[i];
      const SharedAccess& b = *group[j];
      if (!conflicts(a.fact, b.fact)) continue;
      if (++tried > kMaxPairsInGroup) return;
      Overlap over = overlap(program, a.fact, b.fact);
      if (over == Overlap::None || !scope.mayHappenInParallel(a, b, tables)) continue;
      Protection protects = protection(tables, a.fact, b.fact);
      if (protects == Protection::Sure || isPerThread(scope, a, b, tables.paths)) continue;
      if (areApartByStarter(scope, a, b, tables)) continue;
      RacePair pair = ordered(scope, a, b);
      doubts.weigh(pair, over, protects);
      visit(std::move(pair));
    }
  }
}

}  // namespace

bool isData(const Program& program, PathId path) {
  const PathNode::Kind last = program.tables().paths[path].kind;
  if (const GlobalVariable* global = program.global(path);
      global && global->isConst && !program.tables().paths.passes(path, PathNode::Kind::Deref)) {
    return false;
  }
  if (last == PathNode::Kind::Root || last == PathNode::Kind::Deref) return true;
  const Record::Field* field = program.field(path);
  if (!field) return true;
  switch (field->kind) {
    case Record::Field::Kind::Lock:
    case Record::Field::Kind::Condition:
    case Record::Field::Kind::Thread:
    case Record::Field::Kind::Const:
      return false;
    default:
      return true;
  }
}

std::vector<RacePair> pairsInFrame(const Program& program, const Scope& scope) {
  std::vector<RacePair> pairs;
  const Doubts doubts(program, scope);
  UnseenLocks unseen(program);
  OpenCalls open(program);
  for (const auto& [key, group] : groupsOf(program, scope)) {
    eachPair(program, scope, doubts, group, [&](RacePair pair) {
      if (open.mistakeClass(pair.a->fact) || open.mistakeClass(pair.b->fact)) return;
      const bool ends = endsLocal(program, pair.a->fact) || endsLocal(program, pair.b->fact);
      if (pair.confidence > Confidence::Low && !ends && unseen.mayHoldOne(pair.a->fact) && unseen.mayHoldOne(pair.b->fact))
        lower(pair, Confidence::Low, "both sides may hold a lock that they take by a call with several possible targets");
      if (pair.confidence > Confidence::Medium && (open.leadTo(pair.a->fact) || open.leadTo(pair.b->fact)))
        lower(pair, Confidence::Medium, "a virtual call on the way may reach other classes' methods instead");
      if (pair.confidence > Confidence::Low && outlivesKeeper(program, scope, pair))
        lower(pair, Confidence::Low, "the thread's handle is moved on, and may be joined by another name");
      pairs.push_back(std::move(pair));
    });
  }
  return pairs;
}

std::set<std::string> variablesOfThreads(const Program& program) {
  std::set<std::string> known;
  std::set<PathId> seen;
  for (const Scope& scope : program.scopes()) {
    if (!scope.isMain) continue;
    for (const SharedAccess& access : scope.accesses) {
      if (access.actor == 0 || !seen.insert(access.fact.path).second) continue;
      known.insert(program.shortText(access.fact.path));
    }
  }
  return known;
}

}  // namespace deadheat
