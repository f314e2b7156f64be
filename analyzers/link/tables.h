// Tables: the interned vocabulary that every part of link shares: paths, sets of paths, locksets, call traces.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "analyzers/facts/event.h"
#include "analyzers/link/context_table.h"
#include "analyzers/link/id_index.h"
#include "analyzers/link/ids.h"
#include "analyzers/link/path_table.h"
#include "analyzers/link/symbols.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Allocator.h"

namespace deadheat {

/// Interned sorted sets of paths; id 0 is the empty set.
class PathSets {
 public:
  PathSets() { intern({}); }
  PathSetId intern(std::vector<PathId> paths);
  /// Stays valid as long as the table.
  std::span<const PathId> operator[](PathSetId id) const { return sets_[raw(id)]; }
  PathSetId with(PathSetId set, PathId path);
  PathSetId united(PathSetId a, PathSetId b);
  /// As united, but keeps at most kMaxGathered members: for sets that only ever raise a doubt.
  PathSetId gathered(PathSetId a, PathSetId b);
  PathSetId intersected(PathSetId a, PathSetId b);
  PathSetId without(PathSetId set, PathId path);
  bool contains(PathSetId set, PathId path) const;

 private:
  PathSetId add(llvm::ArrayRef<PathId> sorted);

  llvm::BumpPtrAllocator memory_;
  std::vector<llvm::ArrayRef<PathId>> sets_;
  IdIndex index_;
  llvm::DenseMap<std::uint64_t, PathSetId> unions_;
};
inline constexpr std::size_t kMaxGathered = 48;

/// Interned maps from a pointer cell to what it points to, sorted by cell; id 0 is the empty map. Unknown stands for
/// different objects on different ways.
class CellMaps {
 public:
  using Map = std::vector<std::pair<PathId, PathId>>;
  CellMaps() { intern({}); }
  /// What `cell` points to, or null if it was never set.
  const PathId* find(CellMapId map, PathId cell) const;
  CellMapId with(CellMapId map, PathId cell, PathId object);
  /// What is known on a point that both lead to: a cell that only one has set keeps that.
  CellMapId merged(CellMapId a, CellMapId b);

 private:
  CellMapId intern(Map map);
  std::vector<Map> maps_;
  std::map<Map, CellMapId> index_;
};

/// How a call chain leads from a frame to an operation: the outermost step first, `rest` inside the callee.
struct Trace {
  enum class Kind : std::uint8_t { Call, Spawn };
  Kind kind = Kind::Call;
  Location location;
  FunctionIndex function = FunctionIndex::None;  ///< Contains the call or spawn.
  FunctionIndex callee = FunctionIndex::None;
  TraceId rest = TraceId::Here;
  std::uint32_t length = 0;
  auto operator<=>(const Trace&) const = default;
};

/// Interned traces; id 0 is "in the frame itself".
class Traces {
 public:
  Traces();
  TraceId cons(Trace::Kind kind, Location location, FunctionIndex function, FunctionIndex callee, TraceId rest);
  /// `inner` as seen from where `outer` starts.
  TraceId concatenated(TraceId outer, TraceId inner);
  Trace operator[](TraceId id) const;
  std::uint32_t length(TraceId id) const { return nodes_[raw(id)].length; }
  /// Whether `id` goes to where `end` does by the same last steps.
  bool endsIn(TraceId id, TraceId end) const {
    while (length(id) > length(end)) id = nodes_[raw(id)].rest;
    return id == end;
  }

 private:
  /// The steps are as many as calls in the program, the ways that begin with one as many as facts in summaries.
  struct Node {
    std::uint32_t step;
    TraceId rest;
    std::uint32_t length;
  };
  std::uint32_t stepNumber(const Trace& step);
  TraceId cons(std::uint32_t step, TraceId rest);

  std::vector<Trace> steps_;  ///< Without rest and length.
  IdIndex stepIndex_;
  std::vector<Node> nodes_;
  IdIndex index_;
};

/// Where a held lock was taken, seen from the frame that holds the lockset.
struct HoldSite {
  Location location;
  FunctionIndex function = FunctionIndex::None;
  TraceId trace = TraceId::Here;
  auto operator<=>(const HoldSite&) const = default;
};

class HoldSites {
 public:
  HoldSites() { sites_.emplace_back(); }
  HoldSiteId intern(const HoldSite& site);
  const HoldSite& operator[](HoldSiteId id) const { return sites_[raw(id)]; }

 private:
  std::vector<HoldSite> sites_;
  IdIndex index_;
};

/// How a lock protects: `Passed` is a once-flag whose callable is known to be over.
enum class Hold : std::uint8_t { Exclusive, Shared, Passed };

struct HeldLock {
  PathId lock = PathId::Unknown;
  Hold hold = Hold::Exclusive;
  Recursion recursion = Recursion::No;
  bool assumed = false;     ///< Attributes say so; nobody was seen to take it.
  bool once = false;        ///< A once-flag: passed, not free, after its release.
  bool byTask = false;      ///< The task holds it, not the thread.
  bool mixed = false;       ///< Shared on one way and exclusive on another.
  std::uint8_t count = 1;   ///< Times taken, for recursive locks.
  std::uint32_t group = 0;  ///< Taken together with others of this number; see Acquire::group.
  HoldSiteId since = HoldSiteId::None;
  auto operator<=>(const HeldLock&) const = default;
};

/// Interned locksets, sorted by path; id 0 is the empty one.
class Locksets {
 public:
  Locksets() { intern({}); }
  LocksetId intern(std::vector<HeldLock> locks);
  /// Stays valid as long as the table.
  std::span<const HeldLock> operator[](LocksetId id) const { return sets_[raw(id)]; }
  const HeldLock* find(LocksetId set, PathId lock) const;
  /// What is held on both ways into a point.
  LocksetId intersected(LocksetId a, LocksetId b);
  /// Everything in either.
  LocksetId united(LocksetId a, LocksetId b);
  /// `set` and one more; a lock already there is counted up if it may be taken again.
  LocksetId with(LocksetId set, const HeldLock& lock);
  /// `set` with one hold on `lock` given back.
  LocksetId released(LocksetId set, PathId lock);
  /// More once-flags may have been passed than are in it. Programs with a hundred objects made at their first use would
  /// otherwise keep a set for every order of making them.
  bool forgotPassed(LocksetId set) const;
  /// The same locks and modes whatever the sites: equal for locksets that protect alike.
  std::uint32_t shape(LocksetId set) const { return shapes_[raw(set)]; }

 private:
  static constexpr std::size_t kMaxPassed = 24;

  std::uint32_t shapeOf(LocksetId set);
  static void limitPassed(std::vector<HeldLock>& locks);

  llvm::BumpPtrAllocator memory_;
  std::vector<llvm::ArrayRef<HeldLock>> sets_;
  std::vector<std::uint32_t> shapes_;
  IdIndex index_;
  std::vector<LocksetId> shapeExamples_;  ///< By shape: some lockset of it.
  IdIndex shapeIndex_;
};

/// All of them.
struct Tables {
  Tables();

  /// A name of its own for something in function `f`, to be kept in sets of paths: a barrier, a task.
  PathId mark(std::string_view kind, FunctionIndex f, std::uint64_t number);
  /// `mark`, said again from further out or later.
  PathId marked(PathId mark, std::string_view how);

  Symbols symbols;
  PathTable paths{symbols};
  PathSets pathSets;
  CellMaps cellMaps;
  Locksets locksets;
  Traces traces;
  HoldSites holdSites;
  ContextTable contexts;
};

/// What holds before the function is entered, as the only member of a set.
inline constexpr PathSetId kFromOutside{1};
inline constexpr PathId kOutside{1};

}  // namespace deadheat
