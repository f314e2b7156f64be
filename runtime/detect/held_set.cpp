#include "runtime/detect/held_set.h"

#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kPage = 4096;

void grow(LockState& locks) {
  std::uint32_t old = locks.spilled != nullptr ? locks.capacity : LockState::kInline;
  std::size_t bytes = (old * 2 * sizeof(Held) + kPage - 1) / kPage * kPage;
  auto* moved = static_cast<Held*>(mapPages(bytes));
  for (std::uint32_t i = 0; i < locks.count; ++i) moved[i] = locks.held()[i];
  freeHeld(locks);
  locks.spilled = moved;
  locks.capacity = static_cast<std::uint32_t>(bytes / sizeof(Held));
}

}  // namespace

Held* findHeld(LockState& locks, Address lock) {
  for (std::uint32_t i = locks.count; i != 0; --i)  // What was taken last is released first, mostly.
    if (locks.held()[i - 1].lock == lock) return &locks.held()[i - 1];
  return nullptr;
}

Held& pushHeld(LockState& locks, const Held& held) {
  if (locks.count == (locks.spilled != nullptr ? locks.capacity : LockState::kInline)) grow(locks);
  return locks.held()[locks.count++] = held;
}

void removeHeld(LockState& locks, Held* held) {
  for (Held* end = locks.held() + --locks.count; held != end; ++held) held[0] = held[1];
}

void freeHeld(LockState& locks) {
  if (locks.spilled == nullptr) return;
  unmapPages(locks.spilled, (locks.capacity * sizeof(Held) + kPage - 1) / kPage * kPage);
  locks.spilled = nullptr;
}

}  // namespace deadheat::rt
