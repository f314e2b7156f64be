#include "runtime/detect/slots.h"

#include "runtime/detect/shadow_cell.h"
#include "runtime/platform/growing_array.h"

namespace deadheat::rt {
namespace {

struct SlotUse {
  Epoch first;
  ThreadId thread;
  SlotUse* older;
};

struct SlotState {
  Epoch last;
  SlotUse* uses;
};

constexpr std::size_t kLookedAt = 64;
constexpr Epoch kWorthAnOwner = 1 << 20;
/// Slots that wait for a creator who knows of their end; with more, the one that waits longest is handed on without.
constexpr std::size_t kMostIdle = 1024;

SpinLock lock;
SlotState states[kSlots];
std::uint32_t neverUsed = 1;  ///< 0 is what an empty cell has.
GrowingArray<Slot> idle;  ///< Given back, oldest first.
bool ranOut;

Slot removeIdle(std::size_t index) {
  Slot slot = idle[index];
  for (std::size_t i = index + 1; i < idle.size(); ++i) idle[i - 1] = idle[i];
  idle.pop();
  return slot;
}

bool ended(const Clock& known, Slot slot) { return known.get(slot) >= states[slot].last; }

/// Looks at the newest ones, which a creator that joins its threads knows, and at some of the oldest.
bool takeIdle(const Clock& known, Slot& slot) {
  std::size_t count = idle.size();
  for (std::size_t i = 0; i < count && i < kLookedAt; ++i)
    if (ended(known, idle[count - 1 - i])) return slot = removeIdle(count - 1 - i), true;
  for (std::size_t i = 0; i + kLookedAt < count && i < kLookedAt; ++i)
    if (ended(known, idle[i])) return slot = removeIdle(i), true;
  return count > kMostIdle && (slot = removeIdle(0), true);
}

}  // namespace

Slot takeSlot(const Clock& known, ThreadId thread, Epoch& first) {
  SpinGuard guard(lock);
  Slot slot = 0;
  if (!takeIdle(known, slot)) {
    if (neverUsed < kSlots) {
      slot = neverUsed++;
    } else {
      ranOut = true;
      slot = idle.size() != 0 ? removeIdle(0) : kSlots - 1;
    }
  }
  first = states[slot].last + 1;
  auto* use = static_cast<SlotUse*>(allocateForever(sizeof(SlotUse)));
  *use = {first, thread, states[slot].uses};
  __atomic_store_n(&states[slot].uses, use, __ATOMIC_RELEASE);
  return slot;
}

void giveSlot(Slot slot, Epoch last) {
  SpinGuard guard(lock);
  states[slot].last = last;
  if (last + kWorthAnOwner < kMaxEpoch) idle.push(slot);
}

ThreadId threadOfSlot(Slot slot, Epoch epoch) {
  for (SlotUse* use = __atomic_load_n(&states[slot].uses, __ATOMIC_ACQUIRE); use != nullptr; use = use->older)
    if (use->first <= epoch) return use->thread;
  return kNoThread;
}

bool slotsRanOut() { return __atomic_load_n(&ranOut, __ATOMIC_RELAXED); }

SpinLock& slotsLock() { return lock; }

}  // namespace deadheat::rt
