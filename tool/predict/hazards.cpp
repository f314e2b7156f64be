#include "tool/predict/hazards.h"

#include <algorithm>
#include <map>

#include "tool/predict/held_locks.h"
#include "tool/predict/predict.h"

namespace deadheat {
namespace {

using Kind = ObservedEvent::Kind;
using protocol::EventEntry;
using protocol::EventKind;

constexpr std::uint32_t kHeapBlock = 1;  ///< Flag of EventKind::Fresh.
constexpr std::uint64_t kWakes = std::uint64_t{1} << 63;  ///< No address: what a wake-up is sent through.

/// An atomic operation that may write may have read, too.
Kind kindOfAccess(std::uint32_t flags) {
  if ((flags & (protocol::kAccessWrite | protocol::kAccessFree)) == 0) return Kind::Read;
  return (flags & protocol::kAccessAtomic) != 0 ? Kind::Update : Kind::Write;
}

class Observer {
 public:
  explicit Observer(const std::vector<EventEntry>& events) : events_(events) {}

  ObservedRun run() {
    for (std::size_t i = 0; i < events_.size(); ++i) add(i);
    return std::move(run_);
  }

 private:
  ObservedEvent& add(std::size_t i, Kind kind) {
    const EventEntry& entry = events_[i];
    ObservedEvent event;
    event.kind = kind;
    event.thread = entry.thread;
    event.object = entry.object;
    event.size = entry.size;
    event.place = entry.pc;
    run_.trace.push_back(event);
    run_.recorded.push_back(i);
    return run_.trace.back();
  }

  void add(std::size_t i) {
    const EventEntry& entry = events_[i];
    switch (entry.kind) {
      case EventKind::None: return;
      case EventKind::Access:
        add(i, kindOfAccess(entry.flags)).atomic = (entry.flags & protocol::kAccessAtomic) != 0;
        return;
      case EventKind::Fresh: add(i, Kind::Fresh); return;
      case EventKind::TryLock:
        if (!succeeds(i)) add(i, Kind::TryFailed);
        return;
      case EventKind::Lock: {
        ObservedEvent& event = add(i, Kind::Acquire);
        event.shared = (entry.flags & protocol::kLockShared) != 0;
        event.waits = (entry.flags & protocol::kLockDoesNotWait) == 0;
        return;
      }
      case EventKind::Unlock: add(i, Kind::Release); return;
      case EventKind::Create: add(i, Kind::Create); return;
      case EventKind::Join: add(i, Kind::Join); return;
      case EventKind::Send: add(i, Kind::Send); return;
      case EventKind::SendAnew: add(i, Kind::SendAnew); return;
      case EventKind::Receive: add(i, Kind::Receive); return;
      case EventKind::ReceiveAndSend:
        add(i, Kind::Receive);
        add(i, Kind::SendAnew);
        return;
      case EventKind::Wake: {
        const auto woken = static_cast<std::uint32_t>(entry.object);
        add(i, Kind::SendAnew).object = kWakes + woken;
        ObservedEvent& event = add(i, Kind::Receive);
        event.object = kWakes + woken;
        event.thread = woken;
        return;
      }
    }
  }

  /// The thread has the lock next, whatever others do meanwhile.
  bool succeeds(std::size_t i) const {
    for (std::size_t next = i + 1; next < events_.size(); ++next)
      if (events_[next].thread == events_[i].thread)
        return events_[next].kind == EventKind::Lock && events_[next].object == events_[i].object;
    return true;
  }

  const std::vector<EventEntry>& events_;
  ObservedRun run_;
};

/// Puts predictions in the words of the recording.
class Teller {
 public:
  Teller(const Recording& run, const ObservedRun& observed) : run_(run), observed_(observed), held_(observed.trace) {}

  RecordedRace race(const PredictedRace& predicted) const {
    RecordedRace race;
    for (std::size_t side = 0; side < 2; ++side) race.sides[1 - side] = access(predicted[side]);
    race.allocation = allocationOf(predicted[1]);
    race.predicted = true;
    return race;
  }

  RecordedLockCycle cycle(const PredictedDeadlock& predicted) const {
    RecordedLockCycle cycle;
    cycle.predicted = true;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      // Who waits for what this one holds is the one before.
      const std::size_t waiter = predicted[(i + predicted.size() - 1) % predicted.size()];
      const HeldLockOf held = heldFor(predicted[i], observed_.trace[waiter].object);
      RecordedLockEdge& edge = cycle.edges.emplace_back();
      edge.thread = entryOf(predicted[i]).thread;
      edge.heldShared = held.shared;
      edge.wantedShared = observed_.trace[predicted[i]].shared;
      edge.held.address = held.lock;
      edge.wanted.address = observed_.trace[predicted[i]].object;
      edge.heldStack = stackOf(held.acquire);
      edge.wantedStack = stackOf(predicted[i]);
    }
    return cycle;
  }

 private:
  const EventEntry& entryOf(std::size_t event) const { return run_.events[observed_.recorded[event]]; }

  RecordedStack stackOf(const EventEntry& entry) const {
    RecordedStack stack;
    if (auto known = run_.contexts.find(entry.context); known != run_.contexts.end()) stack = known->second;
    if (stack.counters.empty()) stack.counters.push_back(0);
    stack.counters.front() = entry.pc - 1;
    return stack;
  }
  RecordedStack stackOf(std::size_t event) const { return stackOf(entryOf(event)); }

  RecordedAccess access(std::size_t event) const {
    const EventEntry& entry = entryOf(event);
    RecordedAccess access{entry.thread, entry.flags, entry.object, entry.size, std::nullopt, {}, stackOf(entry)};
    for (const HeldLockOf& lock : held_[held_.before(event)]) access.held.push_back({lock.lock, 0, lock.shared ? 1u : 0u});
    return access;
  }

  /// The section of the event's thread in which it holds the lock.
  HeldLockOf heldFor(std::size_t event, std::uint64_t lock) const {
    for (std::size_t i = event; i-- != 0;) {
      const ObservedEvent& earlier = observed_.trace[i];
      if (earlier.thread == observed_.trace[event].thread && earlier.kind == Kind::Acquire && earlier.object == lock)
        return {lock, earlier.shared, i};
    }
    return {lock, false, event};
  }

  /// The block of the heap that the access is to.
  std::optional<RecordedAllocation> allocationOf(std::size_t event) const {
    const std::uint64_t address = observed_.trace[event].object;
    for (std::size_t i = event; i-- != 0;) {
      const EventEntry& fresh = entryOf(i);
      if (fresh.kind != EventKind::Fresh || address < fresh.object || address >= fresh.object + fresh.size) continue;
      if ((fresh.flags & kHeapBlock) == 0) return std::nullopt;
      return RecordedAllocation{fresh.object, fresh.size, fresh.thread, stackOf(fresh)};
    }
    return std::nullopt;
  }

  const Recording& run_;
  const ObservedRun& observed_;
  const HeldLocks held_;
};

}  // namespace

ObservedRun observedRun(const std::vector<EventEntry>& events) { return Observer(events).run(); }

PredictedHazards predictedHazards(const Recording& run) {
  PredictedHazards hazards;
  if (run.events.empty()) return hazards;
  const ObservedRun observed = observedRun(run.events);
  const TraceOrder order(observed.trace);
  const Teller teller(run, observed);
  for (const PredictedRace& race : predictRaces(order)) hazards.races.push_back(teller.race(race));
  for (const PredictedDeadlock& cycle : predictDeadlocks(order)) hazards.cycles.push_back(teller.cycle(cycle));
  return hazards;
}

}  // namespace deadheat
