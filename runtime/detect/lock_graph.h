// The lock-order graph: which locks were wanted while which were held, and whether threads could ever wait in a circle.
//
// A dependency is one nested acquisition: thread t wanted lock w while it held the set H. Dependencies d0 .. dn-1 form
// a cycle that can deadlock when (the Goodlock conditions)
//   1. the lock wanted by d(i) is in the held set of d(i+1), and that of d(n-1) in the held set of d0, not both shared;
//   2. their threads are distinct;
//   3. their held sets are pairwise disjoint, but for locks both hold shared: a common lock is a gate, which keeps the
//      two from ever standing there together;
//   4. no two of them are ordered by thread creation and join.
// The search runs when a dependency is new, so before its thread blocks. It costs the part of the graph reachable from
// the wanted lock; a lock under which nothing else is taken costs one step.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/fork_join_order.h"
#include "runtime/platform/growing_array.h"

namespace deadheat::rt {

/// One lock of a dependency, and where the thread took or wanted it.
struct LockUse {
  std::uint32_t node;
  Mode mode;
  Context context;
  Address pc;
};

/// A nested acquisition as it is told to the graph. `held` is not empty and does not contain the wanted lock.
struct Dependency {
  ThreadId thread;
  Segment segment;
  LockUse wanted;
  const LockUse* held;
  std::uint32_t heldCount;
};

/// One edge of a cycle: `thread` wanted `wanted` while it held `held`, which the edge before it wanted.
struct CycleEdge {
  ThreadId thread;
  LockUse held;
  LockUse wanted;
};

/// Receives each cycle once. Must not call the graph.
using CycleSink = void (*)(void* receiver, const CycleEdge* edges, std::size_t count);

/// Not synchronised: the caller holds a lock.
class LockGraph {
 public:
  explicit constexpr LockGraph(ForkJoinOrder& order) : order_(order) {}

  std::uint32_t addNode();
  /// The lock is gone: drops all dependencies that name it. The number may be used again.
  void removeNode(std::uint32_t node);

  /// Drops all dependencies; the locks keep their numbers.
  void forget();

  /// Tells every cycle that `dependency` closes and that was not told before. Two cycles are one when the same code
  /// (stack of each held and wanted) makes their edges.
  void add(const Dependency& dependency, CycleSink sink, void* receiver);

  std::size_t dependencyCount() const { return dependencies_; }

 private:
  struct Record;
  struct HeldEntry;
  struct Bucket;
  struct NodeState {
    HeldEntry* holders;  ///< Entries of dependencies that hold this lock.
    Record* wanters;     ///< Dependencies that want it.
    std::uint32_t reached;
    std::uint32_t nextFree;
  };
  struct Search;

  static constexpr std::size_t kBuckets = 1 << 14;
  static constexpr std::uint32_t kRecordsPerShape = 16;
  static constexpr std::uint32_t kSearchSteps = 200000;

  Record* insert(const Dependency& dependency);
  Record* reuse(const Dependency& dependency, std::uint64_t shape);
  Record* allocate(std::uint32_t heldCount);
  void fill(Record* record, const Dependency& dependency);
  void index(Record* record);
  void remove(Record* record);
  bool reachesHeld(const Record* record);
  void extend(Search& search, const LockUse& wanted);
  bool fits(const Search& search, const Record* candidate);
  void tell(Search& search, const LockUse& closing);
  bool firstTime(std::uint64_t key);

  ForkJoinOrder& order_;
  GrowingArray<NodeState> nodes_;
  GrowingArray<Record*> buckets_;
  GrowingArray<std::uint32_t> pending_;
  GrowingArray<const Record*> chain_;
  GrowingArray<LockUse> chainHeld_;
  GrowingArray<CycleEdge> cycle_;
  GrowingArray<std::uint64_t> told_;
  Record* free_[9] = {};  ///< By number of held locks; larger ones in the last, first fit.
  std::uint32_t freeNode_ = 0;
  std::uint32_t visit_ = 0;
  std::uint64_t clock_ = 0;
  std::size_t dependencies_ = 0;
};

}  // namespace deadheat::rt
