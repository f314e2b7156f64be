#include "runtime/detect/lock_graph.h"

#include "runtime/detect/mix.h"

namespace deadheat::rt {

/// A held lock of a record, linked with the others that hold the same lock.
struct LockGraph::HeldEntry {
  LockUse use;
  Record* record;
  HeldEntry* next;
  HeldEntry* previous;
};

/// A dependency as stored. Records of one shape (held set, wanted and modes) differ in thread and segment only.
struct LockGraph::Record {
  Record* nextInBucket;
  Record* nextWanter;
  Record* previousWanter;
  std::uint64_t shape;
  std::uint64_t age;
  ThreadId thread;
  Segment segment;
  std::uint32_t heldCount;
  std::uint32_t capacity;
  LockUse wanted;
  HeldEntry held[1];
};

struct LockGraph::Search {
  const Record* first;
  CycleSink sink;
  void* receiver;
  std::uint32_t steps;
};

namespace {

std::uint64_t shapeOf(const Dependency& dependency) {
  std::uint64_t held = 0;  // A sum, so that the order of the held locks does not count.
  for (std::uint32_t i = 0; i < dependency.heldCount; ++i)
    held += mix(dependency.held[i].node * 2ull + static_cast<unsigned>(dependency.held[i].mode));
  return mix(held ^ mix(dependency.wanted.node * 2ull + static_cast<unsigned>(dependency.wanted.mode) + (1ull << 40)));
}

bool blocks(Mode a, Mode b) { return a == Mode::Exclusive || b == Mode::Exclusive; }

}  // namespace

std::uint32_t LockGraph::addNode() {
  if (nodes_.size() == 0) nodes_.push({});  // 0 is no node.
  if (freeNode_ != 0) {
    std::uint32_t node = freeNode_;
    freeNode_ = nodes_[node].nextFree;
    nodes_[node] = {};
    return node;
  }
  nodes_.push({});
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void LockGraph::removeNode(std::uint32_t node) {
  while (nodes_[node].holders != nullptr) remove(nodes_[node].holders->record);
  while (nodes_[node].wanters != nullptr) remove(nodes_[node].wanters);
  nodes_[node] = {};
  nodes_[node].nextFree = freeNode_;
  freeNode_ = node;
}

void LockGraph::forget() {
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    while (nodes_[node].holders != nullptr) remove(nodes_[node].holders->record);
    while (nodes_[node].wanters != nullptr) remove(nodes_[node].wanters);
  }
}

void LockGraph::add(const Dependency& dependency, CycleSink sink, void* receiver) {
  const Record* record = insert(dependency);
  if (record == nullptr || !reachesHeld(record)) return;
  Search search{record, sink, receiver, kSearchSteps};
  chain_.clear();
  chain_.push(record);
  extend(search, record->wanted);
}

/// Null when this thread told the same in the same segment before.
LockGraph::Record* LockGraph::insert(const Dependency& dependency) {
  if (buckets_.size() == 0) buckets_.resize(kBuckets);
  std::uint64_t shape = shapeOf(dependency);
  std::uint32_t sameShape = 0;
  for (Record* r = buckets_[shape % kBuckets]; r != nullptr; r = r->nextInBucket) {
    if (r->shape != shape) continue;
    if (r->thread == dependency.thread && r->segment == dependency.segment) return nullptr;
    ++sameShape;
  }
  Record* record = sameShape < kRecordsPerShape ? allocate(dependency.heldCount) : reuse(dependency, shape);
  fill(record, dependency);
  record->shape = shape;
  record->age = ++clock_;
  index(record);
  return record;
}

/// A program that starts a thread per request would tell the same for ever: the oldest record of the shape makes room.
LockGraph::Record* LockGraph::reuse(const Dependency& dependency, std::uint64_t shape) {
  Record* oldest = nullptr;
  for (Record* r = buckets_[shape % kBuckets]; r != nullptr; r = r->nextInBucket)
    if (r->shape == shape && (oldest == nullptr || r->age < oldest->age)) oldest = r;
  remove(oldest);
  return allocate(dependency.heldCount);
}

LockGraph::Record* LockGraph::allocate(std::uint32_t heldCount) {
  constexpr std::uint32_t kLarge = sizeof(free_) / sizeof(free_[0]) - 1;
  std::uint32_t sizeClass = heldCount < kLarge ? heldCount : kLarge;
  for (Record** link = &free_[sizeClass]; *link != nullptr; link = &(*link)->nextInBucket) {
    if ((*link)->capacity < heldCount) continue;
    Record* record = *link;
    *link = record->nextInBucket;
    return record;
  }
  auto* record = static_cast<Record*>(allocateForever(sizeof(Record) + heldCount * sizeof(HeldEntry)));
  record->capacity = heldCount;
  return record;
}

void LockGraph::fill(Record* record, const Dependency& dependency) {
  record->thread = dependency.thread;
  record->segment = dependency.segment;
  record->wanted = dependency.wanted;
  record->heldCount = dependency.heldCount;
  for (std::uint32_t i = 0; i < dependency.heldCount; ++i)
    record->held[i] = {dependency.held[i], record, nullptr, nullptr};
}

void LockGraph::index(Record* record) {
  Record*& bucket = buckets_[record->shape % kBuckets];
  record->nextInBucket = bucket;
  bucket = record;
  NodeState& wanted = nodes_[record->wanted.node];
  record->previousWanter = nullptr;
  record->nextWanter = wanted.wanters;
  if (wanted.wanters != nullptr) wanted.wanters->previousWanter = record;
  wanted.wanters = record;
  for (std::uint32_t i = 0; i < record->heldCount; ++i) {
    HeldEntry* entry = &record->held[i];
    HeldEntry*& holders = nodes_[entry->use.node].holders;
    entry->next = holders;
    if (holders != nullptr) holders->previous = entry;
    holders = entry;
  }
  ++dependencies_;
}

void LockGraph::remove(Record* record) {
  Record** link = &buckets_[record->shape % kBuckets];
  while (*link != record) link = &(*link)->nextInBucket;
  *link = record->nextInBucket;
  Record** wanters = record->previousWanter != nullptr ? &record->previousWanter->nextWanter
                                                       : &nodes_[record->wanted.node].wanters;
  *wanters = record->nextWanter;
  if (record->nextWanter != nullptr) record->nextWanter->previousWanter = record->previousWanter;
  for (std::uint32_t i = 0; i < record->heldCount; ++i) {
    HeldEntry* entry = &record->held[i];
    (entry->previous != nullptr ? entry->previous->next : nodes_[entry->use.node].holders) = entry->next;
    if (entry->next != nullptr) entry->next->previous = entry->previous;
  }
  constexpr std::uint32_t kLarge = sizeof(free_) / sizeof(free_[0]) - 1;
  Record*& freeList = free_[record->capacity < kLarge ? record->capacity : kLarge];
  record->nextInBucket = freeList;
  freeList = record;
  --dependencies_;
}

/// Condition 1 alone, in the plain graph: a cheap no for nearly every new dependency.
bool LockGraph::reachesHeld(const Record* record) {
  ++visit_;
  std::uint32_t target = visit_;
  for (std::uint32_t i = 0; i < record->heldCount; ++i) nodes_[record->held[i].use.node].reached = target;
  std::uint32_t seen = ++visit_;
  pending_.clear();
  pending_.push(record->wanted.node);
  nodes_[record->wanted.node].reached = seen;
  while (pending_.size() != 0) {
    for (HeldEntry* entry = nodes_[pending_.pop()].holders; entry != nullptr; entry = entry->next) {
      NodeState& next = nodes_[entry->record->wanted.node];
      if (next.reached == target) return true;
      if (next.reached == seen) continue;
      next.reached = seen;
      pending_.push(entry->record->wanted.node);
    }
  }
  return false;
}

/// Depth first over chains that keep conditions 1 to 4. Depth is at most the number of threads.
void LockGraph::extend(Search& search, const LockUse& wanted) {
  for (const HeldEntry* entry = nodes_[wanted.node].holders; entry != nullptr; entry = entry->next) {
    if (search.steps == 0) return;
    --search.steps;
    const Record* candidate = entry->record;
    if (!blocks(wanted.mode, entry->use.mode) || !fits(search, candidate)) continue;
    chain_.push(candidate);
    chainHeld_.push(entry->use);
    const LockUse* closing = nullptr;
    for (std::uint32_t i = 0; i < search.first->heldCount && closing == nullptr; ++i) {
      const LockUse& held = search.first->held[i].use;
      if (held.node == candidate->wanted.node && blocks(held.mode, candidate->wanted.mode)) closing = &held;
    }
    if (closing != nullptr)
      tell(search, *closing);
    else
      extend(search, candidate->wanted);
    chain_.pop();
    chainHeld_.pop();
  }
}

bool LockGraph::fits(const Search& search, const Record* candidate) {
  for (std::size_t c = 0; c < chain_.size(); ++c) {
    const Record* member = chain_[c];
    if (member->thread == candidate->thread || !order_.concurrent(member->segment, candidate->segment)) return false;
    for (std::uint32_t i = 0; i < member->heldCount; ++i)
      for (std::uint32_t j = 0; j < candidate->heldCount; ++j) {
        const LockUse& a = member->held[i].use;
        const LockUse& b = candidate->held[j].use;
        if (a.node == b.node && blocks(a.mode, b.mode)) return false;
      }
  }
  return true;
}

void LockGraph::tell(Search& search, const LockUse& closing) {
  cycle_.clear();
  cycle_.push({search.first->thread, closing, search.first->wanted});
  for (std::size_t i = 1; i < chain_.size(); ++i)
    cycle_.push({chain_[i]->thread, chainHeld_[i - 1], chain_[i]->wanted});
  std::uint64_t key = 0;  // A sum, so that it does not matter which edge came last.
  for (std::size_t i = 0; i < cycle_.size(); ++i) {
    const CycleEdge& edge = cycle_[i];
    key += mix(mix(edge.held.pc ^ (std::uint64_t{edge.held.context} << 48 | edge.held.context >> 16)) +
               mix(edge.wanted.pc + edge.wanted.context * 0x9e3779b97f4a7c15ull));
  }
  if (firstTime(key)) search.sink(search.receiver, cycle_.begin(), cycle_.size());
}

bool LockGraph::firstTime(std::uint64_t key) {
  for (std::size_t i = 0; i < told_.size(); ++i)
    if (told_[i] == key) return false;
  told_.push(key);
  return true;
}

}  // namespace deadheat::rt
