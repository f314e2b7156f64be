// Handshakes: threads of a team that take turns by locks or flags instead of barriers.
//
// Where one particular thread (thread 0, one of several sections) and another take the same lock, each in code of its
// own, or one waits in a loop for what the other sets in the same critical region, they may well order accesses that
// hold no lock. Whether they do is not followed; it is a doubt.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "analyzers/link/program.h"
#include "analyzers/link/team.h"

namespace deadheat {

class Handshakes {
 public:
  /// Linear in the accesses and acquisitions of `team`.
  Handshakes(const Tables& tables, const Team& team);

  /// Whether the threads that make the two accesses may have taken turns.
  bool mayOrder(const AccessFact& a, const AccessFact& b) const;

 private:
  /// What tells the particular thread that runs code in `context`, if it is one.
  std::optional<std::string> runner(ContextId context) const;
  bool inCritical(ContextId context) const;
  /// Only locks that several particular threads take, each in code of its own, and none that protects.
  bool areHandedOver(LocksetId held) const;
  /// All held locks were taken before the last barrier.
  bool areFromBefore(const AccessFact& access) const;
  void note(ContextId context);

  struct Meeting {
    std::set<std::string> users;    ///< Who takes the lock or enters the region.
    std::set<std::string> waiters;  ///< Who does so in a loop that waits.
    std::set<std::pair<std::string, PathSetId>> phases;  ///< Who takes the lock when.
  };
  bool meet(const Meeting& meeting, bool needsWaiter, const std::string& runner) const;

  const Tables& tables_;
  std::map<PathId, Meeting> locks_;
  std::map<std::string, Meeting> criticals_;
};

}  // namespace deadheat
