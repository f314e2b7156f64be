#include "runtime/detect/race_report.h"

#include "runtime/detect/blocks.h"
#include "runtime/detect/mix.h"
#include "runtime/detect/slots.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

/// Open addressing; entries are never removed. When it is full, further races are told again and again rather than not.
constexpr std::size_t kTold = 1 << 16;
std::uint64_t told[kTold];

std::uint64_t fingerprint(const RaceAccess& access) { return mix(access.pc * 64 + access.flags + 1); }

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

void writeSide(RecordWriter& writer, const RaceAccess& access, const HeldLock* held, std::size_t heldCount) {
  auto* side = writer.add<protocol::RaceSide>();
  side->thread = access.thread;
  side->flags = access.flags;
  side->address = access.address;
  side->size = access.size;
  side->site = access.site;
  side->heldCount = static_cast<std::uint32_t>(heldCount);
  for (std::size_t i = 0; i < heldCount; ++i) {
    auto* lock = writer.add<protocol::LockInfo>();
    lock->address = held[i].lock;
    lock->instance = held[i].instance;
  }
  writer.addStack(access.context, access.pc);
}

void writeRace(const RaceAccess& later, const RaceAccess& earlier, protocol::RaceProof proof) {
  HeldLock laterHeld[kMaxHeldShown];
  HeldLock earlierHeld[kMaxHeldShown];
  std::size_t laterCount = later.heldOf == nullptr ? 0 : heldLocks(later.heldOf, laterHeld, kMaxHeldShown);
  std::size_t earlierCount = earlier.heldOf == nullptr ? 0 : heldLocks(earlier.heldOf, earlierHeld, kMaxHeldShown);
  BlockInfo block{};
  bool inBlock = findBlock(earlier.address, block);
  RecordWriter writer(protocol::RecordType::Race);
  auto* race = writer.add<protocol::RaceRecord>();
  race->proof = proof;
  race->hasAllocation = inBlock ? 1 : 0;
  race->allocationAddress = block.begin;
  race->allocationSize = block.size;
  race->allocationThread = inBlock ? block.thread : kNoThread;
  writeSide(writer, later, laterHeld, laterCount);
  writeSide(writer, earlier, earlierHeld, earlierCount);
  if (inBlock) writer.addStack(block.context, block.pc);
  writer.commit();
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
  if (isBenign(later) || !firstTime(fingerprint(later, earlier, proof))) return;
  writeRace(later, earlier, proof);
  noteLostSlots();
}

}  // namespace deadheat::rt
