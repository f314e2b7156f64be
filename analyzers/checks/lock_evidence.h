// Lock evidence: what the rest of the program says of a lock, for checks that look at one function's ways.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "analyzers/findings/finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// The fields that lead to a lock within its object, whichever object; a lock that a field points to goes by that field.
/// Empty if no field names it.
std::vector<std::uint32_t> fieldKey(const PathTable& paths, PathId lock);

/// One point of a story about a lock.
struct LockMark {
  HoldSiteId site = HoldSiteId::None;
  WitnessStep::Kind kind = WitnessStep::Kind::Other;
  std::string text;
};

/// One thread that comes to each mark in turn, with the calls that lead there. Marks without a site are left out.
WitnessThread tellMarks(const Program& program, const std::vector<LockMark>& marks);

/// Where the site is, and the place in the frame it is seen from: itself, or the call that leads there.
SourcePoint pointOf(const Program& program, HoldSiteId site);
Location placeInFrame(const Program& program, HoldSiteId site);

/// The place in a story about a lock that says most: where it happens, or, if functions that are only names for taking
/// or giving back a lock lead there, the call of the outermost of them.
struct LockPlace {
  Location location;
  FunctionIndex function = FunctionIndex::None;
};
LockPlace placeToTell(const Program& program, TraceId trace, Location location, FunctionIndex function);

/// A finding about what `incident.frame` does to a lock at `incident.at`.
Finding lockFinding(const Program& program, const LockIncident& incident, const char* check);

/// See the top of the file. Linear in the program's events.
class LockEvidence {
 public:
  explicit LockEvidence(const Program& program);

  /// Whether the lock may be taken again by its holder, as far as its type (`said`) and its making tell.
  Recursion recursion(PathId lock, Recursion said) const;
  /// Some function gives such a lock back without having taken it.
  bool isGivenBackElsewhere(PathId lock) const { return given_.contains(keyOf(lock)); }
  /// Some function that is more than the counterpart of a lock function does so.
  bool isHandedOver(PathId lock) const { return handedOver_.contains(keyOf(lock)); }
  /// Some caller of `f` gives back what `f` took.
  bool isGivenBackByCallers(FunctionIndex f, PathId lock) const { return byCallers_.contains({f, keyOf(lock)}); }
  /// The function returns with the lock held that it took, on some ways at least.
  bool isTakenBy(FunctionIndex f, PathId lock) const { return takenBy_.contains({f, keyOf(lock)}); }
  /// The name of a function is a word for taking a lock.
  static bool saysItTakes(std::string_view name);
  /// Somebody calls or starts the function.
  bool hasCallers(FunctionIndex f) const { return called_.contains(f); }
  /// A thread starts in the function.
  bool isThreadEntry(FunctionIndex f) const { return entries_.contains(f); }
  /// Some exception is caught somewhere.
  bool catches() const { return catches_; }

  /// What stands for the lock in whichever function: its field, or its variable.
  using Key = std::vector<std::uint32_t>;
  Key keyOf(PathId lock) const;

 private:

  const Program& program_;
  std::map<Key, unsigned> made_;  ///< Bits by Recursion.
  std::set<Key> given_, handedOver_;
  std::set<std::pair<FunctionIndex, Key>> byCallers_, takenBy_;
  std::set<FunctionIndex> called_, entries_;
  bool catches_ = false;
};

}  // namespace deadheat
