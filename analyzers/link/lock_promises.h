// LockPromises: what the thread-safety attributes of the whole program say, by field, variable and function.
//
// Made once after the units are merged, frozen. Link believes them (a function that requires a lock runs with it held)
// and looks for places that break them.
#pragma once

#include <map>
#include <vector>

#include "analyzers/link/body.h"

namespace deadheat {

struct LinkedGuard {
  Guard::Of of = Guard::Of::Value;
  PathId lock = PathId::Unknown;  ///< At This for the object that the field is part of.
};

struct LinkedContract {
  const Contract* facts = nullptr;
  PathId lock = PathId::Unknown;  ///< In the function's own terms.
};

/// A lock that is to be taken before, or after, others.
struct LinkedOrder {
  std::vector<PathId> before;
  std::vector<PathId> after;
};

class LockPromises {
 public:
  /// Linear in the classes, globals and functions.
  LockPromises(const Bodies& bodies, Tables& tables);

  bool anyGuards() const { return !guards_.empty(); }
  bool anyOrders() const { return !orders_.empty(); }
  /// Of the field or variable that `path` itself names; empty for others.
  const std::vector<LinkedGuard>& guards(const PathTable& paths, PathId path) const;
  const LinkedOrder* order(const PathTable& paths, PathId lock) const;
  const std::vector<LinkedContract>& contracts(FunctionIndex f) const;
  bool isUnchecked(FunctionIndex f) const;

 private:
  using Key = std::pair<std::uint32_t, std::uint32_t>;  ///< Record and field name; 0 and the name for variables.
  static Key keyOf(const PathTable& paths, PathId path);
  void add(Key key, const std::vector<Guard>& guards, const LockOrderPromise& order, Tables& tables);

  const Bodies& bodies_;
  std::map<Key, std::vector<LinkedGuard>> guards_;
  std::map<Key, LinkedOrder> orders_;
  std::map<FunctionIndex, std::vector<LinkedContract>> contracts_;
};

/// Somewhere a promise is broken, seen from the outermost function that could have kept it.
struct BrokenPromise {
  enum class Kind : std::uint8_t { Value, Pointee, Requires, Excludes, Order };
  Kind kind = Kind::Value;
  PathId subject = PathId::Unknown;  ///< Value, Pointee: the variable. Order: the lock that is taken.
  PathId lock = PathId::Unknown;     ///< That should be, or should not be, held.
  LockMode mode = LockMode::Exclusive;
  bool onlyShared = false;  ///< The lock is held, but only shared.
  bool writes = false;
  bool guessed = false;
  FunctionIndex frame = FunctionIndex::None;   ///< That the moment is relative to.
  FunctionIndex callee = FunctionIndex::None;  ///< Requires, Excludes: whose contract it is.
};

}  // namespace deadheat
