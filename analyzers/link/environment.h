// Environment: what the pointers of one function point to, as far as each has a single value, and the rewriting of
// paths by it.
//
// Flow-insensitive. A cell that takes two different values is left alone: the path through it keeps its own name. A
// cursor that walks (`p = p->next`) stands for some element reachable from where it started, written as an Element
// step with no index, so that nothing mistakes it for one fixed object.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "analyzers/link/body.h"
#include "llvm/ADT/DenseMap.h"

namespace deadheat {

/// Pointers that have one value in the whole program. Keys are rooted at This (the fields of a class, in whichever
/// object) or Global; values likewise, those at This being relative to the same object.
class ProgramBindings {
 public:
  /// Adds a store seen somewhere; two different ones cancel each other.
  void add(PathId cell, const LinkedValue& value);
  /// The single value of `cell`, or null.
  const LinkedValue* find(PathId cell) const;

 private:
  llvm::DenseMap<PathId, LinkedValue> values_;  ///< Kind Unknown: conflicting.
};

/// The aliases of one function.
class Environment {
 public:
  Environment(Tables& tables, const ProgramBindings* program) : tables_(tables), program_(program) {}

  /// `cell` takes `value` somewhere in the function. Constants are ignored.
  void bind(PathId cell, LinkedValue value);

  /// `path` with every pointer on the way replaced by what it points to, where known.
  PathId normalise(PathId path);
  LinkedValue normalise(const LinkedValue& value);

  /// What is stored at `cell`: one step, Unknown if not known.
  LinkedValue valueOf(PathId cell);

  /// Whether `cell` takes several values, or walks from one to the next.
  bool isAmbiguous(PathId cell) const;

  /// The bound cells at or below `prefix`, with their values.
  std::vector<std::pair<PathId, LinkedValue>> cellsUnder(PathId prefix) const;
  std::vector<std::pair<PathId, LinkedValue>> cells() const;

 private:
  struct Binding {
    LinkedValue value;
    bool conflicting = false;
    bool walks = false;
  };

  PathId pointee(PathId cell);
  PathId pointeeOf(const LinkedValue& value, bool walks);
  const Binding* find(PathId cell) const;
  LinkedValue fromProgram(PathId cell);
  bool comesFrom(const LinkedValue& value, PathId cell) const;

  Tables& tables_;
  const ProgramBindings* program_;
  std::map<PathId, Binding> bindings_;
  llvm::DenseMap<PathId, PathId> memo_;
  int depth_ = 0;
};

}  // namespace deadheat
