// Locks in arrays and containers: which of them a name means, for the walk over a function's ways.
//
// `locks[i]` is one lock as long as `i` stays as it is; when `i` takes a value, what was known of it is known of some
// element and no longer of which. Elements whose index has no name (a hash, a call) cannot be told apart at all. All
// elements of one array are a family, which goes by the path with every index left out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "analyzers/link/body.h"

namespace deadheat {

class LockElements {
 public:
  LockElements(const Body& body, Tables& tables) : body_(body), tables_(tables) {}

  /// Every index on the way is a number or the name of a variable of the function's own, so that an equal path means an
  /// equal lock while that variable stays as it is.
  bool isNamed(PathId lock) const;
  /// The family of `lock`; itself if it is no element.
  PathId family(PathId lock);
  /// `alias` means some element of the family of `lock`.
  void noteAlias(PathId alias, PathId lock) { families_[alias] = family(lock); }
  bool isFamily(PathId lock) const;
  /// Two locks of one family that may be the same one.
  bool mayBeSame(PathId a, PathId b);

  /// The variable at `target`, if an index may be called by it.
  Symbol variable(PathId target) const;
  /// Whether `variable` chooses the element.
  bool dependsOn(PathId lock, Symbol variable) const;
  /// Notes that `variable` takes a value in the function.
  void noteChange(Symbol variable) { changed_.insert(variable); }
  /// The lock in names that a caller can put its own into; the family if there are none.
  PathId exported(PathId lock);

 private:
  bool isVariable(Symbol index) const;
  PathId withIndices(PathId lock, const std::function<Symbol(Symbol)>& index);
  std::optional<std::size_t> parameter(Symbol index) const;

  const Body& body_;
  Tables& tables_;
  std::map<PathId, PathId> families_;
  std::set<Symbol> changed_;
};

}  // namespace deadheat
