// Unseen locks: locks that may be taken on the way to an access by a call whose target is not certain.
#pragma once

#include <map>

#include "analyzers/link/program.h"

namespace deadheat {

/// Functions that take locks for themselves through a table of functions, a virtual method or a callback: one target
/// takes the lock that the other only passes on, or does nothing, so no lock is certainly held after the call.
class UnseenLocks {
 public:
  explicit UnseenLocks(const Program& program) : program_(program) {}

  /// Whether a function on the way to the access makes such a call. Each function is looked at once.
  bool mayHoldOne(const AccessFact& access);

 private:
  bool callsUncertainLock(FunctionIndex function);
  bool leavesLock(FunctionIndex target) const;
  bool waitsIfAsked(FunctionIndex target) const;

  const Program& program_;
  std::map<FunctionIndex, bool> known_;
};

}  // namespace deadheat
