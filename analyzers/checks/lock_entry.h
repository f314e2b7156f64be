// Lock entry: whether functions are entered with a lock held, as far as the calls of the program tell.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "analyzers/checks/lock_evidence.h"

namespace deadheat {

/// How a function is entered, from the worst for whoever gives a lock back that he did not take.
enum class LockedEntry : std::uint8_t {
  Without,   ///< Every way to it from the start of a thread is without the lock.
  Callback,  ///< Every known way; some start in a function that is called by code that cannot be seen.
  Unknown,   ///< Nobody in the program calls it, or not all of its callers could be followed.
  Held,      ///< Some call holds the lock.
};

/// See above. Each question costs at most one look at every call of the program.
class LockEntries {
 public:
  LockEntries(const Program& program, const LockEvidence& evidence);

  /// For a lock that all functions call by the same name, or a function that only threads start in.
  LockedEntry of(FunctionIndex f, PathId lock);
  /// Some way through `f` takes the lock and waits for it: so whoever calls it must not hold it.
  bool takesItself(FunctionIndex f, PathId lock) const;

 private:
  using Key = std::vector<std::uint32_t>;
  LockedEntry find(FunctionIndex f, const Key& key, std::map<FunctionIndex, LockedEntry>& known);
  LockedEntry start(FunctionIndex f) const;

  const Program& program_;
  const LockEvidence& evidence_;
  std::map<FunctionIndex, std::set<FunctionIndex>> callers_;
  std::set<std::pair<FunctionIndex, Key>> held_;
  std::set<FunctionIndex> notFollowed_;
  std::map<Key, std::map<FunctionIndex, LockedEntry>> known_;
};

}  // namespace deadheat
