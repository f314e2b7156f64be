#include "runtime/detect/lock_history.h"

#include "runtime/detect/shadow_cell.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

constexpr unsigned kGroupShift = 8;
constexpr std::size_t kGroupSize = std::size_t{1} << kGroupShift;

LockHistory* groups[(std::size_t{1} << kSlotBits) / kGroupSize];

}  // namespace

LockHistory& lockHistoryOf(Slot slot) {
  LockHistory*& group = groups[slot >> kGroupShift];
  LockHistory* found = __atomic_load_n(&group, __ATOMIC_ACQUIRE);
  if (found == nullptr) {
    auto* fresh = static_cast<LockHistory*>(mapPages(kGroupSize * sizeof(LockHistory)));
    if (__atomic_compare_exchange_n(&group, &found, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) found = fresh;
  }
  return found[slot & (kGroupSize - 1)];
}

void LockHistory::makeRoom() { events_ = static_cast<Event*>(allocateForever(kEvents * sizeof(Event))); }

std::size_t LockHistory::heldIn(Moment moment, HeldLock* out, std::size_t capacity) const {
  std::uint64_t end = __atomic_load_n(&count_, __ATOMIC_ACQUIRE);
  std::size_t held = 0;
  for (std::uint64_t i = end > kEvents ? end - kEvents : 0; i < end; ++i) {
    const Event event = events_[i % kEvents];
    if (event.moment() > moment || (!event.taken() && event.moment() == moment)) break;
    if (event.taken() && held < capacity) {
      out[held++] = {event.lock, event.instance, 0, 0, event.mode(), 1};
      continue;
    }
    for (std::size_t h = held; h-- != 0;)
      if (out[h].instance == event.instance) {
        for (--held; h < held; ++h) out[h] = out[h + 1];
        break;
      }
  }
  return held;
}

}  // namespace deadheat::rt
