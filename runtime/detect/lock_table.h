// Every lock the program has used, by address: its lifetime number and who holds it now.
//
// A lock object's life ends when it is destroyed or its memory is freed; a lock met later at the same address is another
// one, with a new number and a new node in the lock-order graph.
#pragma once

#include "runtime/core.h"
#include "runtime/detect/mix.h"
#include "runtime/detect/shadow_cell.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// What a lock of the program's own asks for (abi/annotations.cpp).
enum LockFlags : std::uint32_t {
  kLockOutlivesDestructor = 1,  ///< A static object, used until the process ends: destroying it means nothing.
  kLockNotStatic = 2,
  kLockRobust = 4,  ///< Its owner may end: the next one is told.
  kLockAcrossFork = 8,  ///< Held, when this process was forked, by a thread of the parent's alone.
};

struct LockRecord {
  Address lock;
  std::uint64_t instance;  ///< Unique in the run, from 1.
  std::uint32_t node;      ///< Of the lock-order graph; 0 until the lock takes part in a nesting.
  ThreadId owner;          ///< Exclusive holder, or kNoThread.
  std::uint32_t shared;    ///< Number of shared holders.
  LockClass kind;
  bool recorded;           ///< A LockRecord of the recording tells of it.
  ThreadId madeBy;         ///< Who made it, or used it first if that was not seen, and where; pc 0: not known yet.
  Context madeContext;
  Address madePc;
  Key madeKey;             ///< When it was made, as a shadow cell has it; 0: not seen.
  Context takenContext;    ///< Where it was last taken.
  Address takenPc;
  Key usedKey;             ///< When it was last taken or given back; 0: never.
  std::uint32_t flags;     ///< LockFlags.
  Address mutex;           ///< Condition: what its waiters hold. They and their number: detect/wait_objects.h.
  std::uint32_t waiting;
  std::uint32_t woken;     ///< How many of those waiting have been woken and have not left yet,
  std::uint32_t surely;    ///< and how many of these the C library knew as waiting when they were.
  LockRecord* next;
};

namespace lock_table {

inline constexpr std::size_t kGranule = 256;
inline constexpr std::size_t kBuckets = 1 << 16;

/// A bit a bucket, set for good once it held a lock: small enough to stay in the nearest cache, where most frees end.
extern std::uint64_t usedBuckets[kBuckets / 64];
inline bool wasUsed(std::size_t bucket) {
  return (__atomic_load_n(&usedBuckets[bucket / 64], __ATOMIC_RELAXED) >> bucket % 64 & 1) != 0;
}
struct Bucket {
  LockRecord* first;
  TinyLock lock;
};
extern Bucket buckets[kBuckets];

inline std::size_t bucketOf(Address address) { return mix(address / kGranule) % kBuckets; }
inline void lockBucket(std::size_t bucket) { buckets[bucket].lock.lock(); }
inline void unlockBucket(std::size_t bucket) { buckets[bucket].lock.unlock(); }
/// Of the locked bucket; null when the lock is unknown.
inline LockRecord* find(std::size_t bucket, Address lock) {
  LockRecord* record = buckets[bucket].first;
  while (record != nullptr && record->lock != lock) record = record->next;
  return record;
}
LockRecord* insert(std::size_t bucket, Address lock, LockClass kind);
/// Takes one lock with an address in [begin, end) out of the bucket. False when there is none; then it costs one load
/// if the bucket is empty.
bool takeOne(std::size_t bucket, Address begin, Address end, LockRecord& out);
/// False when no lock was ever seen between the two addresses.
bool mayHold(Address begin, Address end);
/// In the child of a fork: bucket locks the other threads held are open again.
void resetAfterFork();
/// The first lock of a bucket, not synchronised: for the child of a fork.
LockRecord* firstIn(std::size_t bucket);

}  // namespace lock_table

/// Finds, or makes, the record of `lock` and runs `change(record)` on it alone. `change` must not come back here.
template <class Change>
void withLock(Address lock, LockClass kind, Change change) {
  std::size_t bucket = lock_table::bucketOf(lock);
  lock_table::lockBucket(bucket);
  LockRecord* record = lock_table::find(bucket, lock);
  change(record != nullptr ? *record : *lock_table::insert(bucket, lock, kind));
  lock_table::unlockBucket(bucket);
}

/// The same, but nothing happens and the result is false when the lock is unknown.
template <class Change>
bool withKnownLock(Address lock, Change change) {
  std::size_t bucket = lock_table::bucketOf(lock);
  lock_table::lockBucket(bucket);
  LockRecord* record = lock_table::find(bucket, lock);
  if (record != nullptr) change(*record);
  lock_table::unlockBucket(bucket);
  return record != nullptr;
}

/// Runs `change(record)` on each lock with an address in [begin, begin + size), alone. Cost: as of takeLocks.
template <class Change>
void changeLocks(Address begin, std::size_t size, Change change) {
  Address end = begin + size;
  if (!lock_table::mayHold(begin, end)) return;
  for (Address granule = begin & ~(lock_table::kGranule - 1); granule < end; granule += lock_table::kGranule) {
    std::size_t bucket = lock_table::bucketOf(granule);
    if (!lock_table::wasUsed(bucket)) continue;
    lock_table::lockBucket(bucket);
    for (LockRecord* record = lock_table::buckets[bucket].first; record != nullptr; record = record->next)
      if (record->lock >= begin && record->lock < end) change(*record);
    lock_table::unlockBucket(bucket);
  }
}

/// Takes all locks with an address in [begin, begin + size) out and runs `gone(copy of record)` on each, outside every
/// lock. Cost: a bit per 256 bytes in the range locks were ever seen in.
template <class Gone>
void takeLocks(Address begin, std::size_t size, Gone gone) {
  Address end = begin + size;
  if (!lock_table::mayHold(begin, end)) return;
  LockRecord record;
  if (size / lock_table::kGranule >= lock_table::kBuckets) {
    for (std::size_t bucket = 0; bucket < lock_table::kBuckets; ++bucket)
      while (lock_table::takeOne(bucket, begin, end, record)) gone(record);
    return;
  }
  for (Address granule = begin & ~(lock_table::kGranule - 1); granule < end; granule += lock_table::kGranule)
    if (std::size_t bucket = lock_table::bucketOf(granule); lock_table::wasUsed(bucket))
      while (lock_table::takeOne(bucket, begin, end, record)) gone(record);
}

}  // namespace deadheat::rt
