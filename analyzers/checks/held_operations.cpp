#include "analyzers/checks/held_operations.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/witness.h"

namespace deadheat {

namespace {

/// The lock that a wait gives back, perhaps under another name.
bool isOwnOfWait(const Program& program, const OperationFact& operation, PathId lock) {
  if (operation.kind != OperationFact::Kind::Wait || operation.lock == PathId::Unknown) return false;
  const PathTable& paths = program.tables().paths;
  auto named = [&](PathId path) {  // What a callee calls it, if nobody else can.
    return paths.storage(path) == Storage::Opaque ? static_cast<PathId>(paths[paths[path].root].index) : path;
  };
  lock = named(lock);
  const PathId given = named(operation.lock);
  const std::vector<std::uint32_t> key = fieldKey(paths, given), held = fieldKey(paths, lock);
  // A class that wraps a lock is held as a whole, and waits with the lock inside it.
  return paths.hasPrefix(given, lock) || (!key.empty() && held == key);
}

}  // namespace

/// The object whose method it is: what a lock does to be one.
static bool isItself(const PathTable& paths, PathId lock) {
  return paths.isRoot(lock) && paths.storage(lock) == Storage::This;
}

std::vector<HeldLock> locksBeside(const Program& program, const OperationFact& operation) {
  std::vector<HeldLock> out;
  for (const HeldLock& lock : program.tables().locksets[operation.held]) {
    if (lock.hold == Hold::Passed || lock.once || isItself(program.tables().paths, lock.lock)) continue;
    if (isOwnOfWait(program, operation, lock.lock)) continue;
    out.push_back(lock);
  }
  // A wait that gives back what a pointer leads to gives back one of these, though not under that name.
  const bool isPointed = operation.kind == OperationFact::Kind::Wait && operation.lock != PathId::Unknown &&
                         program.tables().paths[operation.lock].kind == PathNode::Kind::Deref;
  if (isPointed && out.size() == 1 && program.tables().locksets[operation.held].size() == 1) out.clear();
  return out;
}

std::vector<OperationFact> operationsUnderLocks(const Program& program,
                                                const std::function<bool(const OperationFact&)>& wanted) {
  const Traces& traces = program.tables().traces;
  std::map<Location, OperationFact> best;
  for (std::uint32_t i = 0; i < program.bodies().functions.size(); ++i) {
    for (const OperationFact& operation : program.summary(static_cast<FunctionIndex>(i)).operations) {
      if (operation.guessed || operation.held == LocksetId::Empty || !wanted(operation)) continue;
      if (locksBeside(program, operation).empty()) continue;
      auto [slot, fresh] = best.try_emplace(operation.location, operation);
      if (!fresh && traces.length(operation.trace) < traces.length(slot->second.trace)) slot->second = operation;
    }
  }
  std::vector<OperationFact> out;
  for (const auto& [location, operation] : best) out.push_back(operation);
  return out;
}

std::string listed(const Program& program, const std::vector<HeldLock>& locks) {
  std::set<std::string> names;
  for (const HeldLock& lock : locks) names.insert(quoted(nameOf(program, lock.lock)));
  std::string text;
  std::size_t left = names.size();
  for (const std::string& name : names) {
    text += name;
    --left;
    text += left > 1 ? ", " : left == 1 ? " and " : "";
  }
  return text;
}

Finding operationFinding(const Program& program, const OperationFact& operation, WitnessStep::Kind kind,
                         const std::string& done) {
  Finding out;
  out.location = program.point(operation.location);
  std::set<std::string> subjects, functions{program.functionName(operation.function)};
  for (const HeldLock& lock : locksBeside(program, operation)) {
    subjects.insert(nameOf(program, lock.lock));
    const HoldSite& since = program.tables().holdSites[lock.since];
    if (lock.since != HoldSiteId::None) functions.insert(program.functionName(since.function));
  }
  out.subjects.assign(subjects.begin(), subjects.end());
  out.functions.assign(functions.begin(), functions.end());
  WitnessStep last{kind, out.location, program.functionName(operation.function), done, {}, 0};
  out.witness = {witnessThread(program, nullptr, 0, operation, last)};
  return out;
}

}  // namespace deadheat
