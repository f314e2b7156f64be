#include "runtime/schedule/giving_way.h"

namespace deadheat::rt {

std::uint64_t lastNews;

namespace {

constexpr std::uint32_t kRepeatsAllowed = 8;
constexpr std::uint64_t kTurnsAllowed = 2000;
constexpr std::uint32_t kMostDoublings = 10;
constexpr std::uint64_t kUntilWritten = std::uint64_t{1} << 62;

bool isAccess(Operation operation) {
  return operation == Operation::Read || operation == Operation::Write || operation == Operation::Update;
}

/// What the object holds now, as far as eight bytes tell.
std::uint64_t valueOf(const Event& event) {
  if (!isAccess(event.operation)) return 0;
  switch (event.size) {
    case 1: return *reinterpret_cast<const volatile std::uint8_t*>(event.object);
    case 2: return *reinterpret_cast<const volatile std::uint16_t*>(event.object);
    case 4: return *reinterpret_cast<const volatile std::uint32_t*>(event.object);
    case 8: return *reinterpret_cast<const volatile std::uint64_t*>(event.object);
    default: return 0;
  }
}

/// What gets somewhere each time it is done, so a loop of it does not spin.
bool isProgress(Operation operation) {
  return operation == Operation::Create || operation == Operation::Detach || operation == Operation::End ||
         operation == Operation::Input;  // The world outside may have gone on.
}

/// Enters what is about to be done among the last few deeds. True if it is one of them again, on bytes that are as they
/// were. `alone`: it is the very last.
bool repeatsItself(Controlled& own, bool& alone) {
  Deed now{own.pending.pc, own.pending.object, valueOf(own.pending)};
  for (std::uint32_t i = 0; i < Controlled::kDeeds; ++i) {
    if (own.deeds[i].pc != now.pc || own.deeds[i].object != now.object || own.deeds[i].value != now.value) continue;
    alone = own.lastDeed == i;
    own.lastDeed = i;
    return true;
  }
  own.lastDeed = (own.lastDeed + 1) % Controlled::kDeeds;
  own.deeds[own.lastDeed] = now;
  return false;
}

void putAside(Controlled& own, std::uint64_t point) {
  own.asideUntil = point + (std::uint64_t{1} << own.timesAside);
  if (own.timesAside < kMostDoublings) ++own.timesAside;
  own.turnsInARow = 0;
  own.repeats = 0;
}

}  // namespace

bool givesWay(Controlled& own, std::uint64_t point) {
  if (own.pending.operation == Operation::Yield || ++own.turnsInARow > kTurnsAllowed) {
    putAside(own, point);
    return true;
  }
  bool alone = false;
  if (isProgress(own.pending.operation) || !repeatsItself(own, alone)) {
    lastNews = point;
    own.repeats = 0;
    if (own.timesAside != 0 && own.pending.operation != Operation::Read) --own.timesAside;
    return false;
  }
  if (++own.repeats < kRepeatsAllowed) return false;
  putAside(own, point);
  own.watches = alone && isAccess(own.pending.operation);
  if (own.watches) own.asideUntil = kUntilWritten;
  return true;
}

void wakeSpinners(const Event& event) {
  if (!event.changes) return;
  for (Controlled* each : controlled)
    if (each->watches && conflicts(each->pending, event)) noLongerAside(*each);
}

}  // namespace deadheat::rt
