#include "runtime/detect/lock_order.h"

#include "runtime/detect/lock_graph.h"
#include "runtime/detect/lock_reports.h"
#include "runtime/detect/mix.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {
namespace {

SpinLock graphLock;
ForkJoinOrder forkJoin;
constinit LockGraph graph(forkJoin);
GrowingArray<protocol::LockInfo> nodeInfos;  ///< By node.
GrowingArray<LockUse> uses;                  ///< Scratch: the held set of the dependency being told.

/// With so many segments the order begins anew, and with it the graph. What is lost is what threads did before; those that
/// live on may do what follows at the same time, as far as is known then.
constexpr std::size_t kMostSegments = 1 << 20;
std::uint32_t era = 1;

void renew(LockState& locks) {
  if (locks.era == era) return;
  __atomic_store_n(&locks.era, era, __ATOMIC_RELAXED);
  locks.segment = locks.before[0] = locks.before[1] = 0;
}

Segment segmentOf(Thread* thread, LockState& locks) {
  if (forkJoin.size() >= kMostSegments) {
    forkJoin.clear();
    graph.forget();
    ++era;
  }
  renew(locks);
  if (locks.segment == 0) locks.segment = forkJoin.add(threadId(thread), locks.before[0], locks.before[1]);
  return locks.segment;
}

/// Up to four segments that something comes after, each once.
class Before {
 public:
  void add(const LockState& locks) {
    if (locks.segment != 0) return add(locks.segment);
    for (Segment segment : locks.before) add(segment);
  }
  std::size_t size() const { return count_; }
  void copyTo(LockState& locks) const {
    locks.segment = 0;
    for (std::size_t i = 0; i < 2; ++i) locks.before[i] = i < count_ ? segments_[i] : 0;
  }

 private:
  void add(Segment segment) {
    for (std::size_t i = 0; i < count_; ++i)
      if (segments_[i] == segment) return;
    if (segment != 0) segments_[count_++] = segment;
  }

  Segment segments_[4];
  std::size_t count_ = 0;
};

protocol::LockInfo infoOf(std::uint32_t node) { return nodeInfos[node]; }

std::uint32_t nodeFor(LockRecord& record) {
  if (record.node == 0) {
    record.node = graph.addNode();
    if (nodeInfos.size() <= record.node) nodeInfos.resize(record.node + 1);
    nodeInfos[record.node] = {record.lock, record.instance};
  }
  return record.node;
}

/// 0 if the lock at that address is not the one that was taken there any more.
std::uint32_t nodeOf(const Held& held) {
  std::uint32_t node = 0;
  withKnownLock(held.lock, [&](LockRecord& record) {
    if (record.instance == held.instance) node = nodeFor(record);
  });
  return node;
}

std::uint64_t situation(const LockState& locks, std::uint64_t wanted, Mode mode) {
  std::uint64_t hash = mix(wanted * 2 + static_cast<unsigned>(mode)) +
                       mix(locks.segment + (std::uint64_t{locks.era} << 32) + (1ull << 60));
  for (std::uint32_t i = 0; i < locks.count; ++i)
    hash += mix((locks.held()[i].instance * 2 + static_cast<unsigned>(locks.held()[i].mode)) ^ (1ull << 61));
  return mix(hash) | 1;
}

void tellGraph(Thread* self, LockState& locks, const LockUse& wanted) {
  uses.clear();
  for (std::uint32_t i = 0; i < locks.count; ++i) {
    const Held& held = locks.held()[i];
    if (std::uint32_t node = nodeOf(held)) uses.push({node, held.mode, held.context, held.pc});
  }
  if (uses.size() == 0) return;
  Segment segment = segmentOf(self, locks);
  Dependency dependency{threadId(self), segment, wanted, uses.begin(), static_cast<std::uint32_t>(uses.size())};
  graph.add(
      dependency,
      [](void*, const CycleEdge* edges, std::size_t count) { reportCycle(edges, count, infoOf); }, nullptr);
}

}  // namespace

void orderWanted(Thread* self, LockState& locks, Address pc, Address wanted, LockClass kind, Mode mode) {
  std::uint64_t instance = 0;
  withLock(wanted, kind, [&](LockRecord& record) { instance = record.instance; });
  std::uint64_t hash = situation(locks, instance, mode);
  std::uint64_t& told = locks.told[hash / 2 % LockState::kRemembered];
  if (told == hash) return;
  SpinGuard guard(graphLock);
  std::uint32_t node = 0;
  withLock(wanted, kind, [&](LockRecord& record) { node = nodeFor(record); });
  tellGraph(self, locks, {node, mode, currentContext(self), pc});
  told = situation(locks, instance, mode);  // tellGraph may have given the thread its first segment.
}

void orderForget(const LockRecord& gone) {
  if (gone.node == 0) return;
  SpinGuard guard(graphLock);
  graph.removeNode(gone.node);
}

void orderThreadCreated(Thread* parent, LockState& parentLocks, Thread* child, LockState& childLocks) {
  SpinGuard guard(graphLock);
  renew(parentLocks);
  renew(childLocks);
  Before before;
  before.add(parentLocks);
  before.copyTo(parentLocks);
  before.copyTo(childLocks);
}

void orderThreadJoined(Thread* self, LockState& locks, Thread* target, LockState& targetLocks) {
  SpinGuard guard(graphLock);
  auto together = [&] {
    renew(locks);
    renew(targetLocks);
    Before before;
    before.add(locks);
    before.add(targetLocks);
    return before;
  };
  Before before = together();
  if (before.size() > 2) {
    segmentOf(self, locks);
    segmentOf(target, targetLocks);
    before = together();
  }
  before.copyTo(locks);
}

std::uint32_t orderSegment(Thread* self, LockState& locks) {
  SpinGuard guard(graphLock);
  return segmentOf(self, locks);
}

bool orderedByForkJoin(std::uint32_t segment, std::uint32_t other) {
  if (segment == 0 || other == 0) return false;
  SpinGuard guard(graphLock);
  return !forkJoin.concurrent(segment, other);
}

void orderBeforeFork() { graphLock.lock(); }
void orderAfterFork() { graphLock.unlock(); }
void resetOrderAfterFork() { graphLock.reset(); }

}  // namespace deadheat::rt
