// Wrapped locks: a class that is annotated as a lock, and the lock that it is made of, are one lock.
//
// `void Lock() ACQUIRE() { mu_.lock(); }` takes the object by its attribute and `mu_` by its body. Kept apart they would
// be two locks: one that only callers with attributes hold, one that only the body gives back.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "analyzers/facts/tu_facts.h"
#include "analyzers/link/path_table.h"

namespace deadheat {

/// Show it every function of every unit.
class WrappedLocks {
 public:
  void look(const Function& function);
  /// Tells `paths` to take the lock inside for the object around it, in every class whose annotated acquisition of
  /// `this` takes just one lock that is a member of it. Call before any path is interned.
  void unify(Symbols& symbols, PathTable& paths) const;

 private:
  using Member = std::pair<std::string, std::string>;  ///< Class and field.
  std::map<std::string, std::set<Member>> byClass_;
};

}  // namespace deadheat
