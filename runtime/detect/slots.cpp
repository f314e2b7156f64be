#include "runtime/detect/slots.h"

#include "runtime/detect/shadow_cell.h"
#include "runtime/platform/growing_array.h"

namespace deadheat::rt {
namespace {

struct SlotUse {
  Epoch first;
  ThreadId thread;
  SlotUse* older;
  SlotUse* newer;
};

struct SlotState {
  Epoch last;
  SlotUse* newest;
  SlotUse* oldest;
  std::uint32_t uses;
};

/// Whose each epoch was is known for the last uses of a slot, and for all of them as long as there are few in all.
constexpr std::uint32_t kUsesKept = 64;
constexpr std::size_t kUsesOfAll = 1 << 18;

constexpr std::size_t kLookedAt = 64;
constexpr Epoch kWorthAnOwner = 1 << 20;
/// Slots that wait for a creator who knows of their end; with more, the one that waits longest is handed on without.
constexpr std::size_t kMostIdle = 1024;

SpinLock lock;
SlotState states[kSlots];
std::uint32_t neverUsed = 1;  ///< 0 is what an empty cell has.
GrowingArray<Slot> idle;  ///< Given back, oldest first.
std::size_t usesOfAll;
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

SlotUse* newUse(SlotState& state) {
  if (usesOfAll < kUsesOfAll || state.uses < kUsesKept) {
    ++usesOfAll;
    ++state.uses;
    return static_cast<SlotUse*>(allocateForever(sizeof(SlotUse)));
  }
  SlotUse* use = state.oldest;
  state.oldest = use->newer;
  state.oldest->older = nullptr;
  return use;
}

void addUse(SlotState& state, Epoch first, ThreadId thread) {
  SlotUse* use = newUse(state);
  *use = {first, thread, state.newest, nullptr};
  (state.newest != nullptr ? state.newest->newer : state.oldest) = use;
  state.newest = use;
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
  addUse(states[slot], first, thread);
  return slot;
}

void giveSlot(Slot slot, Epoch last) {
  SpinGuard guard(lock);
  states[slot].last = last;
  if (last + kWorthAnOwner < kMaxEpoch) idle.push(slot);
}

ThreadId threadOfSlot(Slot slot, Epoch epoch) {
  SpinGuard guard(lock);
  for (const SlotUse* use = states[slot].newest; use != nullptr; use = use->older)
    if (use->first <= epoch) return use->thread;
  return kNoThread;
}

bool slotsRanOut() { return __atomic_load_n(&ranOut, __ATOMIC_RELAXED); }

SpinLock& slotsLock() { return lock; }

}  // namespace deadheat::rt
