#include "runtime/detect/race_report.h"

#include "runtime/detect/context_tree.h"
#include "runtime/detect/lock_history.h"
#include "runtime/detect/lock_reports.h"
#include "runtime/detect/memory_place.h"
#include "runtime/detect/mix.h"
#include "runtime/detect/slots.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/suppressions.h"
#include "runtime/record/symbols.h"

namespace deadheat::rt {
namespace {

/// Open addressing; entries are never removed. When it is full, further races are told again and again rather than not.
constexpr std::size_t kTold = 1 << 16;
std::uint64_t told[kTold];

/// The same line reached through another function is another bug more often than not; through another path to that
/// function it is not.
std::uint64_t nearestCallers(Context context) {
  constexpr int kCallers = 2;
  std::uint64_t hash = 0;
  for (int i = 0; i < kCallers && context != 0; ++i) {
    Address caller = 0;
    context = parentContext(context, caller);
    hash = mix(hash + caller);
  }
  return hash;
}

std::uint64_t fingerprint(const RaceAccess& access) {
  return mix(access.pc * 64 + access.flags + 1 + nearestCallers(access.context));
}

/// The same for both orders of the sides.
std::uint64_t fingerprint(const RaceAccess& a, const RaceAccess& b, protocol::RaceProof proof) {
  return mix(fingerprint(a) + fingerprint(b) + static_cast<std::uint64_t>(proof)) | 1;
}

bool firstTime(std::uint64_t key) {
  for (std::size_t i = 0; i < kTold; ++i) {
    std::uint64_t* entry = &told[(key / 2 + i) % kTold];
    std::uint64_t found = __atomic_load_n(entry, __ATOMIC_RELAXED);
    if (found == 0 && __atomic_compare_exchange_n(entry, &found, key, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return true;
    if (found == key) return false;
  }
  return true;
}

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

void writeRace(const RaceAccess& later, const RaceAccess& earlier, protocol::RaceProof proof) {
  HeldLocks laterHeld(later);
  HeldLocks earlierHeld(earlier);
  MemoryPlace place(earlier.address);
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
  if (isBenign(later) || toldOfSameEpochs(later, earlier) || !firstTime(fingerprint(later, earlier, proof)) || isSuppressed(later, earlier)) return;
  writeRace(later, earlier, proof);
  noteLostSlots();
}

}  // namespace deadheat::rt
