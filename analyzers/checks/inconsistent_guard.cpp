// inconsistent-guard: most uses of a variable hold a lock, some do not.
//
// Speaks for classes and libraries whose threads are not seen: there the lock itself says that threads meet. Where the
// threads are known, data-race has the proof and keeps the finding.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/protection.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "inconsistent-guard";
constexpr std::size_t kMaxShown = 12;

bool isAnyCaller(const RacePair& pair, const SharedAccess& access) {
  return pair.scope->kind != Scope::Kind::Frame &&
         pair.scope->actors[access.actor].kind == Actor::Kind::AnyCaller;
}

bool holds(const Tables& tables, const AccessFact& fact, PathId lock) {
  return tables.locksets.find(fact.held, lock) != nullptr;
}

/// Where a variable is used, and at which of these places the lock is held.
struct Uses {
  std::map<Location, const AccessFact*> guarded, bare;
};

Uses usesOf(const Program& program, const Scope& scope, PathId variable, PathId lock) {
  const Tables& tables = program.tables();
  const auto shape = shapeOf(tables.paths, variable);
  Uses uses;
  for (const SharedAccess& access : scope.accesses) {
    const Function::Kind kind = program.function(access.fact.function).kind;
    if (kind == Function::Kind::Constructor || kind == Function::Kind::Destructor) continue;
    if (access.fact.atomicity == Atomicity::Atomic || shapeOf(tables.paths, access.fact.path) != shape) continue;
    auto& side = holds(tables, access.fact, lock) ? uses.guarded : uses.bare;
    side.try_emplace(access.fact.location, &access.fact);
  }
  for (const auto& [place, fact] : uses.bare) uses.guarded.erase(place);
  return uses;
}

/// The lock of one side that the other does not hold, and which side is bare.
struct Missing {
  PathId lock = PathId::Unknown;
  const AccessFact* bare = nullptr;
};

Missing missing(const Tables& tables, const AccessFact& a, const AccessFact& b) {
  for (const auto& [guarded, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    for (const HeldLock& lock : tables.locksets[guarded->held]) {
      if (lock.hold != Hold::Passed && other->held == LocksetId::Empty) return {lock.lock, other};
    }
  }
  return {};
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  if (!isAnyCaller(pair, *pair.a) || !isAnyCaller(pair, *pair.b)) return false;
  const Missing found = missing(program.tables(), pair.a->fact, pair.b->fact);
  if (!found.bare) return false;
  const Uses uses = usesOf(program, *pair.scope, found.bare->path, found.lock);
  const std::size_t guarded = uses.guarded.size(), all = guarded + uses.bare.size();
  if (guarded < 2 || guarded < 2 * uses.bare.size()) return false;
  finding.check = kId;
  const std::string lock = quoted(nameOf(program, found.lock));
  finding.message = quoted(program.functionName(found.bare->function)) + " uses " +
                    quoted(finding.subjects.front()) + " without " + lock + ", which is held in " +
                    std::to_string(guarded) + " of " + std::to_string(all) + " places";
  finding.location = program.point(found.bare->location);
  finding.fixHint = "Hold " + lock + " here too, or say why this place does not need it.";
  WitnessThread others{"the places that hold " + lock, {}};
  for (const auto& [place, fact] : uses.guarded) {
    if (others.steps.size() >= kMaxShown) break;
    WitnessStep step = accessStep(program, *fact);
    step.locks = lockNames(program, fact->held);
    others.steps.push_back(std::move(step));
  }
  finding.witness.push_back(std::move(others));
  return true;
}

constexpr std::string_view kAbsorbed[] = {"data-race", "inconsistent-guard"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "Most uses of a variable hold a lock, this one does not",
    .reason =
        R"(Nobody says in C or C++ which lock guards which data, so it is learnt from the code: where seven of eight places
that use a field hold the same lock, the eighth has probably forgotten it. The places are all listed, since the
majority may be wrong: a lock held for something else, or a place that runs before the object is shared.

It is reported where the threads themselves are not seen, as in a library. Where they are, the same mistake is a
data-race.)",
    .example = R"(class Sessions {
 public:
  void open(int id)  { std::lock_guard lock(mu_); ids_.insert(id); }
  void close(int id) { std::lock_guard lock(mu_); ids_.erase(id); }
  bool isOpen(int id) const { return ids_.count(id) != 0; }  // without mu_

 private:
  mutable std::mutex mu_;
  std::set<int> ids_;
};)",
    .fix =
        R"(Take the lock there as well. If the caller is meant to hold it, say so in the name (isOpenLocked) or with Clang's
REQUIRES attribute; if the field needs no lock, leave it out of the locked parts, or make it const or atomic.)",
    .cwe = "CWE-820",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kInconsistentGuard;
const Check kInconsistentGuard = {.info = kInfo, .recognise = recognise};

}  // namespace deadheat
