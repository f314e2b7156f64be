#include "runtime/schedule/apart.h"

#include "runtime/detect/lock_order.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/record/recording.h"
#include "runtime/detect/lock_reports.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kMostArrivals = 256;
constexpr std::size_t kMostHeld = 8;

struct Arrival {
  ThreadId thread;
  std::uint32_t site;
  std::uint32_t segment;
  std::uint32_t heldCount;
  Address wanted;
  HeldLock held[kMostHeld];
};

struct Told {
  std::uint32_t first, second;
  protocol::ApartReason reason;
};

GrowingArray<Arrival> arrivals;
GrowingArray<Told> told;

const HeldLock* find(const Arrival& arrival, Address lock) {
  for (std::uint32_t i = 0; i < arrival.heldCount; ++i)
    if (arrival.held[i].lock == lock) return &arrival.held[i];
  return nullptr;
}

/// A lock that keeps the two from being where they are at the same time.
const HeldLock* gateOf(const Arrival& a, const Arrival& b) {
  for (std::uint32_t i = 0; i < a.heldCount; ++i) {
    const HeldLock* other = find(b, a.held[i].lock);
    if (other != nullptr && (other->mode == Mode::Exclusive || a.held[i].mode == Mode::Exclusive)) return &a.held[i];
  }
  return nullptr;
}

bool isNew(const Told& reason) {
  for (const Told& each : told)
    if (each.first == reason.first && each.second == reason.second && each.reason == reason.reason) return false;
  told.push(reason);
  return true;
}

void tell(const Arrival& a, const Arrival& b, protocol::ApartReason reason, const HeldLock* gate) {
  if (!isNew({a.site, b.site, reason})) return;
  if (gate != nullptr) recordLock(gate->lock, gate->instance);
  RecordWriter writer(protocol::RecordType::Apart);
  auto* record = writer.add<protocol::ApartRecord>();
  record->reason = reason;
  record->sites[0] = a.site;
  record->sites[1] = b.site;
  if (gate != nullptr) record->lock = {gate->lock, gate->instance};
  writer.commit();
}

bool isSame(const Arrival& a, const Arrival& b) {
  if (a.thread != b.thread || a.site != b.site || a.segment != b.segment || a.wanted != b.wanted ||
      a.heldCount != b.heldCount)
    return false;
  for (std::uint32_t i = 0; i < a.heldCount; ++i)
    if (a.held[i].lock != b.held[i].lock || a.held[i].mode != b.held[i].mode) return false;
  return true;
}

void compare(const Arrival& a, const Arrival& b) {
  if (a.thread == b.thread || (find(b, a.wanted) == nullptr && find(a, b.wanted) == nullptr)) return;
  if (const HeldLock* gate = gateOf(a, b)) return tell(a, b, protocol::ApartReason::GateLock, gate);
  if (orderedByForkJoin(a.segment, b.segment)) tell(a, b, protocol::ApartReason::Ordered, nullptr);
}

}  // namespace

void noteArrival(Thread* self, std::uint32_t site, Address lock) {
  Arrival now{threadId(self), site, orderSegment(self, self->locks), 0, lock, {}};
  now.heldCount = static_cast<std::uint32_t>(heldLocks(self, now.held, kMostHeld));
  for (const Arrival& each : arrivals)
    if (isSame(each, now)) return;
  for (const Arrival& each : arrivals) compare(each, now);
  if (arrivals.size() < kMostArrivals) arrivals.push(now);
}

}  // namespace deadheat::rt
