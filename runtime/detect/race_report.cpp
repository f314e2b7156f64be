#include "runtime/detect/race_report.h"

#include "runtime/detect/lock_history.h"
#include "runtime/detect/lock_reports.h"
#include "runtime/detect/memory_place.h"
#include "runtime/detect/mix.h"
#include "runtime/detect/race_identity.h"
#include "runtime/detect/slots.h"
#include "runtime/detect/task_reports.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/suppressions.h"
#include "runtime/record/symbols.h"

namespace deadheat::rt {
namespace {

/// The locks held at an access.
struct HeldLocks {
  HeldLock locks[kMaxHeldShown];
  std::size_t count = 0;

  explicit HeldLocks(const RaceAccess& access) {
    if (access.heldOf != nullptr)
      count = heldLocks(access.heldOf, locks, kMaxHeldShown);
    else if (access.epoch != 0)
      count = lockHistoryOf(access.slot).heldIn(access.moment, locks, kMaxHeldShown);
    for (std::size_t i = 0; i < count; ++i) recordLock(locks[i].lock, locks[i].instance);
  }
};

Address functionOf(Address pc) {
  Symbol symbol;
  return functionAt(pc - 1, symbol) && symbol.name != nullptr ? symbol.begin : pc;
}

/// Several lines of one function that touch the same bytes, without a synchronisation in between, are one race with those
/// of another. Direct-mapped: what is forgotten is told once more.
bool toldOfSameEpochs(const RaceAccess& later, const RaceAccess& earlier) {
  constexpr std::size_t kPairs = 1024;
  static std::uint64_t pairs[kPairs];
  if (planActive || later.epoch == 0 || earlier.epoch == 0) return false;
  std::uint64_t key = mix(mix(later.address / 8 + 1) + mix(later.epoch << 16 | later.slot)) +
                      mix(mix(earlier.epoch << 16 | earlier.slot) + functionOf(earlier.pc) + mix(functionOf(later.pc)));
  return __atomic_exchange_n(&pairs[key % kPairs], key, __ATOMIC_RELAXED) == key;
}

void writeSide(RecordWriter& writer, const RaceAccess& access, const HeldLocks& held) {
  auto* side = writer.add<protocol::RaceSide>();
  side->thread = access.thread;
  side->flags = access.flags;
  side->address = access.address;
  side->size = access.size;
  side->site = access.site;
  side->heldCount = static_cast<std::uint32_t>(held.count);
  side->task = access.task;
  for (std::size_t i = 0; i < held.count; ++i) {
    auto* lock = writer.add<protocol::LockInfo>();
    lock->address = held.locks[i].lock;
    lock->instance = held.locks[i].instance;
    lock->shared = held.locks[i].mode == Mode::Shared ? 1 : 0;
  }
  writer.addStack(access.context, access.pc);
}

/// Nothing orders the two but that the later thread slept in between.
bool onlySleepOrders(const RaceAccess& later, const RaceAccess& earlier) {
  const Thread* self = later.heldOf;
  return self != nullptr && self->sleepPc != 0 && earlier.epoch != 0 &&
         self->sleepClock.get(earlier.slot) >= earlier.epoch;
}

void writeRace(const RaceAccess& later, const RaceAccess& earlier, protocol::RaceProof proof, const MemoryPlace& place) {
  HeldLocks laterHeld(later);
  HeldLocks earlierHeld(earlier);
  RecordWriter writer(protocol::RecordType::Race);
  auto* race = writer.add<protocol::RaceRecord>();
  race->proof = proof;
  race->hasSleep = onlySleepOrders(later, earlier) ? 1 : 0;
  race->place = place.info;
  writeSide(writer, later, laterHeld);
  writeSide(writer, earlier, earlierHeld);
  if (place.info.hasStack != 0) writer.addStack(place.context, place.pc);
  if (race->hasSleep != 0) writer.addStack(later.heldOf->sleepContext, later.heldOf->sleepPc);
  notifyReport(writer.commit());
}

/// The user does not want to hear of it.
bool isSuppressed(const RaceAccess& later, const RaceAccess& earlier) {
  if (!options.atomicRaces && ((later.flags | earlier.flags) & protocol::kAccessAtomic) != 0) return true;
  const RaceAccess* sides[] = {&later, &earlier};
  for (const RaceAccess* access : sides)
    if (suppressesStack(Suppress::Race, access->context, access->pc) ||
        suppressesStack(Suppress::RaceTop, access->context, access->pc))
      return true;
  Symbol variable;
  return anySuppression(Suppress::Race) && variableAt(earlier.address, variable) &&
         suppressesName(Suppress::Race, variable.name);
}

void noteLostSlots() {
  static bool noted;
  if (!slotsRanOut() || __atomic_exchange_n(&noted, true, __ATOMIC_RELAXED)) return;
  recordNote("more threads ended without being joined than can be told apart; races with some of them may be missed");
}

struct Benign {
  Address begin;
  std::size_t size;
};

SpinLock benignLock;
GrowingArray<Benign> benign;

bool isBenign(const RaceAccess& access) {
  SpinGuard guard(benignLock);
  for (const Benign& bytes : benign)
    if (access.address < bytes.begin + bytes.size && bytes.begin < access.address + access.size) return true;
  return false;
}

}  // namespace

void declareBenign(Address begin, std::size_t size) {
  RuntimeScope scope;
  SpinGuard guard(benignLock);
  benign.push({begin, size});
}

void reportRace(const RaceAccess& later, const RaceAccess& earlier, protocol::RaceProof proof) {
  RuntimeScope scope;
  if (isBenign(later) || toldOfSameEpochs(later, earlier) || !isNewCode(later, earlier, proof) ||
      isSuppressed(later, earlier))
    return;
  MemoryPlace place(earlier.address);
  if (!planActive && !isNewRace(later, earlier, place)) return;
  recordTaskOf(place.info);
  recordTaskStack(const_cast<Thread*>(later.heldOf));
  writeRace(later, earlier, proof, place);
  noteLostSlots();
}

}  // namespace deadheat::rt
