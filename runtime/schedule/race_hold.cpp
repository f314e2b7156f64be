// Race steering (after RaceFuzzer): a thread waits before its access until another stands at a conflicting one.
//
// Two threads that stand before conflicting accesses to the same bytes at the same moment are the race itself: both are
// able to go on, in either order. No order between earlier operations can make that harmless, so nothing else is checked.
#include "runtime/detect/race_report.h"
#include "runtime/protocol.h"
#include "runtime/schedule/hold.h"
#include "runtime/schedule/plan.h"
#include "runtime/schedule/holding.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kCatchesWanted = 4;  ///< After so many the rest of the run is left alone.

std::uint32_t catches;  ///< Guarded by holdTableLock.

bool conflicts(const Hold& hold, const Arrival& arrival) {
  bool overlap = hold.begin < arrival.begin + arrival.size && arrival.begin < hold.begin + hold.size;
  bool write = ((hold.flags | arrival.flags) & protocol::kAccessWrite) != 0;
  bool bothAtomic = (hold.flags & arrival.flags & protocol::kAccessAtomic) != 0;
  return hold.thread != arrival.self && hold.released == 0 && overlap && write && !bothAtomic;
}

Hold* findConflict(const Arrival& arrival) {
  for (std::size_t i = 0; i < holdCount; ++i)
    if (conflicts(*holds[i], arrival)) return holds[i];
  return nullptr;
}

void reportCaught(const Arrival& arrival, const Hold& hold) {
  RaceAccess here{threadId(arrival.self), arrival.flags, arrival.begin, arrival.size, arrival.pc,
                  currentContext(arrival.self), arrival.site, arrival.self};
  RaceAccess there{threadId(hold.thread), hold.flags, hold.begin, hold.size, hold.pc, hold.context, hold.site,
                   hold.thread};
  reportRace(here, there, protocol::RaceProof::Caught);
}

/// Both orders matter: one of them may crash. Attempts take turns.
void resolve(Hold& hold) {
  bool heldGoesFirst = ((plan.header.attempt ^ plan.header.seed ^ catches) & 1) == 0;
  letGo(hold, heldGoesFirst ? kGo : kGoLater);
  holdTableLock.unlock();
  if (heldGoesFirst) stepBack();
}

void access(const Arrival& arrival) {
  noteReached(arrival.self, arrival.site, false);
  holdTableLock.lock();
  if (Hold* other = findConflict(arrival)) {
    reportCaught(arrival, *other);
    ++catches;
    resolve(*other);
    return;
  }
  if (catches >= kCatchesWanted || !chooses(arrival.pc, arrival.site) || !mayHold()) {
    holdTableLock.unlock();
    return;
  }
  Hold hold{arrival.self, arrival.pc,   arrival.begin, arrival.size, arrival.flags,
            arrival.site, currentContext(arrival.self), 0};
  holdHere(hold);
}

}  // namespace

const Holding kRaceHold{access, nullptr};

}  // namespace deadheat::rt
