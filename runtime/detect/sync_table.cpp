#include "runtime/detect/sync_table.h"

#include "runtime/core.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {
namespace {

constexpr unsigned kGroupShift = 9;
constexpr std::uint32_t kGroupObjects = 1u << kGroupShift;
constexpr std::uint32_t kGroups = 1u << 18;
/// In a list head: someone changes the list.
constexpr std::uint32_t kHeadLocked = 1u << 31;

SpinLock poolLock;
SyncObject* groups[kGroups];
std::uint32_t used = 1;  // 0 is no object.
std::uint32_t firstFree;

SyncObject* at(std::uint32_t number) {
  return &__atomic_load_n(&groups[number >> kGroupShift], __ATOMIC_ACQUIRE)[number & (kGroupObjects - 1)];
}

SyncObject* takeObject() {
  SpinGuard guard(poolLock);
  if (firstFree != 0) {
    SyncObject* object = at(firstFree);
    firstFree = object->next;
    return object;
  }
  std::uint32_t number = used++;
  SyncObject*& group = groups[number >> kGroupShift];
  if (group == nullptr)
    __atomic_store_n(&group, static_cast<SyncObject*>(mapPages((kGroupObjects * sizeof(SyncObject) + 4095) & ~4095ul)),
                     __ATOMIC_RELEASE);
  at(number)->number = number;
  return at(number);
}

void giveObject(SyncObject* object) {
  SpinGuard guard(poolLock);
  object->next = firstFree;
  firstFree = object->number;
}

std::uint32_t* headOf(Address address) {
  Region* region = regionFor(address);
  usePage(region, address, kPageSyncs);
  return &region->sync[granuleIndex(address)];
}

/// What a thread has locked stands in its state before it is locked: the child of a fork opens it.
std::uint32_t lockHead(std::uint32_t* head) {
  if (ownThread != nullptr) __atomic_store_n(&ownThread->lockedHead, head, __ATOMIC_RELAXED);
  std::uint32_t value = __atomic_load_n(head, __ATOMIC_RELAXED) & ~kHeadLocked;
  while (!__atomic_compare_exchange_n(head, &value, value | kHeadLocked, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    value &= ~kHeadLocked;
    rawSyscall(SYS_sched_yield);
  }
  return value;
}

void unlockHead(std::uint32_t* head, std::uint32_t value) {
  __atomic_store_n(head, value, __ATOMIC_RELEASE);
  if (ownThread != nullptr) __atomic_store_n(&ownThread->lockedHead, nullptr, __ATOMIC_RELEASE);
}

/// A list is whole at any moment, whoever was about to change it.
void openHead(Thread* thread, void*) {
  if (thread->lockedHead == nullptr) return;
  __atomic_and_fetch(thread->lockedHead, ~kHeadLocked, __ATOMIC_RELAXED);
  thread->lockedHead = nullptr;
}

SyncObject* findInList(std::uint32_t first, Address address) {
  for (std::uint32_t number = first & ~kHeadLocked; number != 0;) {
    SyncObject* object = at(number);
    if (__atomic_load_n(&object->address, __ATOMIC_RELAXED) == address) return object;
    number = __atomic_load_n(&object->next, __ATOMIC_RELAXED);
  }
  return nullptr;
}

/// The object is out of its list; whoever still waits for its lock finds address 0.
void endObject(SyncObject* object) {
  object->lock.lock();
  __atomic_store_n(&object->address, 0, __ATOMIC_RELAXED);
  object->clock.release();
  object->head = 0;
  object->setSummary(SyncObject::kKnownToAll);
  object->lock.unlock();
  giveObject(object);
}

/// Takes the objects of one granule with addresses in [begin, end) out, one at a time.
void removeFromGranule(std::uint32_t* head, Address begin, Address end) {
  for (;;) {
    std::uint32_t first = lockHead(head);
    SyncObject* before = nullptr;
    SyncObject* object = first == 0 ? nullptr : at(first);
    while (object != nullptr && object->address - begin >= end - begin) {
      before = object;
      object = object->next == 0 ? nullptr : at(object->next);
    }
    if (object != nullptr) {
      if (before == nullptr)
        first = object->next;
      else
        before->next = object->next;
    }
    unlockHead(head, first);
    if (object == nullptr) return;
    endObject(object);
  }
}

}  // namespace

SyncObject* findSync(Address address) {
  Region* region = regionAt(address);
  if (region == nullptr) return nullptr;
  std::uint32_t first = __atomic_load_n(&region->sync[granuleIndex(address)], __ATOMIC_ACQUIRE);
  return first == 0 ? nullptr : findInList(first, address);
}

SyncObject* makeSync(Address address) {
  if (SyncObject* found = findSync(address)) return found;
  std::uint32_t* head = headOf(address);
  std::uint32_t first = lockHead(head);
  SyncObject* object = findInList(first, address);
  if (object == nullptr) {
    object = takeObject();
    object->next = first;
    __atomic_store_n(&object->address, address, __ATOMIC_RELEASE);
    first = object->number;
  }
  unlockHead(head, first);
  return object;
}

void removeSync(Address address) {
  if (findSync(address) != nullptr) removeFromGranule(headOf(address), address, address + 1);
}

void syncDestroyRange(Address begin, std::size_t size) {
  Address end = begin + size;
  forEachPage(begin, size, [begin, end](Region* region, Address from, Address to) {
    if (!pageUsed(region, from, kPageSyncs)) return;
    std::uint32_t* head = &region->sync[granuleIndex(from)];
    std::uint32_t* last = &region->sync[granuleIndex(to - 1)];
    for (; head <= last; ++head)
      if (__atomic_load_n(head, __ATOMIC_RELAXED) != 0) removeFromGranule(head, begin, end);
  });
}

void openOrphanedSyncs() {
  poolLock.reset();
  for (std::uint32_t number = 1; number < used; ++number) at(number)->lock.reset();
  forEachThread(openHead, nullptr);
}

SpinLock& syncPoolLock() { return poolLock; }

}  // namespace deadheat::rt
