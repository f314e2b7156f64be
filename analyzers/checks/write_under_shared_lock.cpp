// write-under-shared-lock: data is changed under a lock that is held for reading only.
#include <algorithm>

#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

/// The lock that the writing side holds for reading and the other side holds too, or Unknown.
PathId sharedGuard(const Program& program, const AccessFact& writer, const AccessFact& other) {
  const Tables& tables = program.tables();
  for (const HeldLock& held : tables.locksets[writer.held]) {
    if (held.hold != Hold::Shared) continue;
    for (const HeldLock& match : tables.locksets[other.held]) {
      if (match.hold != Hold::Passed && sameLock(tables.paths, held.lock, match.lock)) return held.lock;
    }
  }
  return PathId::Unknown;
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const AccessFact* writer = &pair.a->fact;
  PathId lock = sharedGuard(program, pair.a->fact, pair.b->fact);
  if (lock == PathId::Unknown && pair.b->fact.writes()) {
    lock = sharedGuard(program, pair.b->fact, pair.a->fact);
    writer = &pair.b->fact;
  }
  if (lock == PathId::Unknown) return false;
  finding.check = "write-under-shared-lock";
  finding.message = quoted(program.functionName(writer->function)) + " changes " + quoted(finding.subjects.front()) +
                    " holding " + quoted(nameOf(program, lock)) + " for reading only: " + meetingText(program, pair);
  finding.fixHint = "Hold " + quoted(nameOf(program, lock)) + " exclusively to change it, or make it atomic.";
  return true;
}

constexpr std::string_view kAbsorbed[] = {"data-race"};

constexpr CheckInfo kInfo = {
    .id = "write-under-shared-lock",
    .title = "Data is changed under a lock that is held for reading",
    .reason =
        R"(A shared hold of a reader-writer lock keeps writers out, and lets any number of readers in. Whoever changes data
under a shared hold does so together with all others who hold it: the counter loses counts, the container is torn.

It is often something small that a reader does besides: counting lookups, caching the last answer, moving an entry to
the front of a list. `const` and `mutable` hide it.)",
    .example = R"(std::shared_mutex mu;
std::map<int, std::string> names;
long lookups = 0;

std::string find(int id) {
  std::shared_lock lock(mu);
  ++lookups;  // several readers at once
  return names[id];  // operator[] may insert
})",
    .fix =
        R"(Take the lock exclusively where data is changed, or make what readers change safe by itself:

  std::atomic<long> lookups{0};
  auto it = names.find(id);)",
    .cwe = "CWE-362",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kWriteUnderSharedLock;
const Check kWriteUnderSharedLock = {.info = kInfo, .recognise = recognise};

}  // namespace deadheat
