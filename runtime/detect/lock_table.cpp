#include "runtime/detect/lock_table.h"

#include "runtime/detect/mix.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt::lock_table {

constinit Bucket buckets[kBuckets] = {};

namespace {

SpinLock freeLock;
LockRecord* freeRecords;
std::uint64_t instances;  ///< Last lifetime number given out.

Address lowest = ~Address{0};
Address highest = 0;

void widen(Address lock) {
  Address low = __atomic_load_n(&lowest, __ATOMIC_RELAXED);
  while (lock < low && !__atomic_compare_exchange_n(&lowest, &low, lock, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  Address high = __atomic_load_n(&highest, __ATOMIC_RELAXED);
  while (lock > high && !__atomic_compare_exchange_n(&highest, &high, lock, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

LockRecord* allocate() {
  {
    SpinGuard guard(freeLock);
    if (LockRecord* record = freeRecords) {
      freeRecords = record->next;
      return record;
    }
  }
  return static_cast<LockRecord*>(allocateForever(sizeof(LockRecord)));
}

}  // namespace

std::uint64_t usedBuckets[kBuckets / 64];

LockRecord* insert(std::size_t bucket, Address lock, LockClass kind) {
  LockRecord* record = allocate();
  std::uint64_t instance = __atomic_add_fetch(&instances, 1, __ATOMIC_RELAXED);
  *record = {};
  record->lock = lock;
  record->instance = instance;
  record->owner = kNoThread;
  record->kind = kind;
  record->next = buckets[bucket].first;
  __atomic_fetch_or(&usedBuckets[bucket / 64], std::uint64_t{1} << bucket % 64, __ATOMIC_RELAXED);
  __atomic_store_n(&buckets[bucket].first, record, __ATOMIC_RELEASE);
  widen(lock);
  return record;
}

bool takeOne(std::size_t bucket, Address begin, Address end, LockRecord& out) {
  if (__atomic_load_n(&buckets[bucket].first, __ATOMIC_RELAXED) == nullptr) return false;
  LockRecord* taken = nullptr;
  {
    lockBucket(bucket);
    LockRecord** link = &buckets[bucket].first;
    while (*link != nullptr && ((*link)->lock < begin || (*link)->lock >= end)) link = &(*link)->next;
    taken = *link;
    if (taken != nullptr) *link = taken->next;
    unlockBucket(bucket);
    if (taken == nullptr) return false;
  }
  out = *taken;
  SpinGuard guard(freeLock);
  taken->next = freeRecords;
  freeRecords = taken;
  return true;
}

LockRecord* firstIn(std::size_t bucket) { return buckets[bucket].first; }

bool mayHold(Address begin, Address end) {
  return begin <= __atomic_load_n(&highest, __ATOMIC_RELAXED) && end > __atomic_load_n(&lowest, __ATOMIC_RELAXED);
}

void resetAfterFork() {
  for (Bucket& bucket : buckets) bucket.lock.reset();
  freeLock.reset();
}

}  // namespace deadheat::rt::lock_table
