// Protection: whether two events at what may be the same memory exclude each other by the locks they hold, and whether
// two paths may name overlapping memory at all.
#pragma once

#include <vector>

#include "analyzers/link/program.h"

namespace deadheat {

/// How sure it is that two paths overlap when they are reached through the same object.
enum class Overlap : std::uint8_t {
  None,
  Element,  ///< They overlap if their element indices are equal, which is not known.
  Partial,  ///< One is cut short, or is a part of the other that cannot be told.
  Exact,    ///< The same memory, or a whole and its part.
};

/// Compares two accessed paths. A container operation does not overlap its elements; members of a union, and
/// neighbouring bit-fields, overlap each other.
Overlap overlap(const Program& program, const AccessFact& a, const AccessFact& b);

/// Whether some lock held at both excludes one from the other. Locks named through an element count as the same one
/// unless their indices are different constants.
enum class Protection : std::uint8_t {
  None,
  OneOfSeveral,  ///< Both hold a lock of one array, and nothing ties the lock's index to the memory.
  Possible,  ///< Each holds a lock, and they may be one that excludes: of the same field, not to be named, of mixed mode.
  Sure,
};
Protection protection(const Tables& tables, LocksetId a, LocksetId b);

/// As above for two accesses: of locks kept in an array, the one whose index goes with the memory protects it, as in
/// `lock(m[i]); x[i]++` and `lock(x[i].m); x[i].n++`.
Protection protection(const Tables& tables, const AccessFact& a, const AccessFact& b);

/// Whether the two name the same lock, as far as names go; `modes` decide the rest.
bool sameLock(const PathTable& paths, PathId a, PathId b);

/// A key for `path` with all element indices forgotten: what a finding is about, whichever element.
std::vector<std::uint32_t> shapeOf(const PathTable& paths, PathId path);

/// Hand-overs in a scope: what one thread releases (an atomic store, say) and another acquires on its way.
class HandOvers {
 public:
  /// Linear in the scope's accesses.
  HandOvers(const Scope& scope, const Tables& tables);
  /// Whether b's thread has waited for anything that a's thread releases, at whatever time: what a destructor does.
  bool waitsFor(const SharedAccess& a, const SharedAccess& b) const { return hasGate(a, b, PathSetId::Empty); }
  /// Whether `a` comes before `b` through one: what b's thread acquired on its way to b, a's thread releases.
  /// A release that also comes before `a`, as in a loop, says so only if b's thread answers through an atomic: the two
  /// take turns, as in a ring buffer.
  bool between(const SharedAccess& a, const SharedAccess& b) const;

 private:
  bool hasGate(const SharedAccess& a, const SharedAccess& b, PathSetId except) const;
  const Tables& tables_;
  std::vector<std::vector<PathId>> released_;  ///< For each actor, sorted.
};

}  // namespace deadheat
