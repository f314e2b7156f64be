// Race, after Sen: Race Directed Random Testing of Concurrent Programs (PLDI 2008). A thread stops before an access of the
// plan until another stands at a conflicting one on the same bytes. Both can be next at that moment, which is the race;
// they go on one right after the other, in the order that the run is to try.
//
// Guarantee: where two threads each come to their site once and nothing but their turns keeps them apart, the first
// attempt makes them meet, however many steps lie before. Odds: an arrival that is not the one wanted takes part in
// attempt 2k+2 with a chance of 1/2^(k+1), so of those in a loop each gets its turn.
#include "runtime/schedule/parking.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kMeetingsWanted = 4;  ///< After so many the rest of the run is left alone.

Parking parking;
ThreadId second;            ///< Goes on next, after the first of a pair; kNoThread: nobody has to.
std::uint32_t order;
std::uint32_t meetings;

bool isCandidate(const Event& event) {
  return event.isAt(protocol::SiteKind::Read) || event.isAt(protocol::SiteKind::Write);
}

void begin(const StrategySettings& settings) {
  parking.begin(settings);
  second = kNoThread;
  order = settings.order;
  meetings = 0;
}

/// Who stands at an access that conflicts with this one.
const Event* partnerOf(const Event& event, const Choice& choice) {
  for (std::size_t i = 0; i < choice.count; ++i)
    if (isCandidate(*choice.enabled[i]) && races(event, *choice.enabled[i])) return choice.enabled[i];
  return nullptr;
}

/// They go on in the order of the run: who was parked waited for the other.
ThreadId resolve(const Event& a, const Event& b) {
  bool aWaited = parking.isParked(a.thread);
  const Event& waited = aWaited ? a : b;
  const Event& came = aWaited ? b : a;
  ++meetings;
  parking.letThrough(a.thread);
  parking.letThrough(b.thread);
  second = order == 0 ? came.thread : waited.thread;
  return order == 0 ? waited.thread : came.thread;
}

bool canBeNext(const Choice& choice, ThreadId thread) {
  for (std::size_t i = 0; i < choice.allCount; ++i)
    if (choice.all[i]->thread == thread) return true;
  return false;
}

ThreadId choose(const Choice& choice) {
  if (ThreadId next = second; next != kNoThread) {
    second = kNoThread;
    if (canBeNext(choice, next)) return next;
  }
  for (std::size_t i = 0; meetings < kMeetingsWanted && i < choice.count; ++i) {
    const Event& event = *choice.enabled[i];
    if (!isCandidate(event) || parking.isLetThrough(event.thread)) continue;
    if (const Event* partner = partnerOf(event, choice)) return resolve(event, *partner);
    parking.arrive(event, choice.step);
  }
  return parking.choose(choice);
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return parking.wake(count); }

void performed(const Event& event) { parking.performed(event); }

}  // namespace

const Strategy kRace{begin, choose, wake, performed};

}  // namespace deadheat::rt
