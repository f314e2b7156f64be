// CommonNames: which names mean the same to every function, so that a fact made of them alone reads the same in every
// caller.
//
// Globals do, and locks that nobody outside can name. What belongs to a frame is lost to all callers alike. Parameters,
// `this`, results handed out and indices made of parameters are what a call turns into something else.
#pragma once

#include <utility>

#include "analyzers/link/tables.h"
#include "llvm/ADT/DenseMap.h"

namespace deadheat {

/// One of 64 bits for a name: sets of names whose bits have none in common share no name.
std::uint64_t maskOf(PathId path);

/// Remembers what it was asked of sets.
class CommonNames {
 public:
  explicit CommonNames(Tables& tables) : tables_(tables) {}

  bool isCommon(PathId path) const;
  bool isCommon(PathSetId set) { return of(set).common; }
  bool isCommon(LocksetId locks) const;

  /// The name as callers have it; Unknown if it is lost to them.
  PathId outside(PathId path) const;
  /// Likewise, but a lock stays distinguishable.
  PathId lockOutside(PathId lock) const;
  PathSetId outside(PathSetId set) { return of(set).outside; }

 private:
  struct Known {
    bool common = true;
    PathSetId outside = PathSetId::Empty;
  };
  Known of(PathSetId set);

  Tables& tables_;
  llvm::DenseMap<std::uint32_t, Known> sets_;
};

}  // namespace deadheat
