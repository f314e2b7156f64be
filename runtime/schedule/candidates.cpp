#include "runtime/schedule/candidates.h"

#include "runtime/protocol.h"
#include "runtime/schedule/giving_way.h"

namespace deadheat::rt {

std::uint64_t spuriousLeft;

namespace {

/// Threads hurry: of so many steps at which a time could be over early, it is offered at one.
constexpr std::uint64_t kEarlyOdds = 16;

GrowingArray<const Event*> enabledEvents;
GrowingArray<const Event*> allEvents;
GrowingArray<Controlled*> base;  ///< Who the default is taken from.

bool isTimed(const Controlled& thread) {
  return thread.state == Controlled::State::Waiting && thread.deadline != kNever;
}

/// It may wake though nobody wakes it.
bool mayWakeSpuriously(const Controlled& thread) {
  return spuriousLeft != 0 && thread.state == Controlled::State::Waiting && thread.deadline == kNever &&
         thread.awaited.kind == static_cast<std::uint32_t>(protocol::ResourceKind::Condition);
}

Controlled* earliest() {
  Controlled* first = nullptr;
  for (Controlled* each : controlled)
    if (isTimed(*each) && (first == nullptr || each->deadline < first->deadline)) first = each;
  return first;
}

void enter(Controlled* each, std::uint64_t point, bool asideToo) {
  if (canGoOn(*each)) {
    if (!asideToo) allEvents.push(&each->pending);
    if (asideToo || !isAside(*each, point)) base.push(each);
  } else if ((isTimed(*each) || mayWakeSpuriously(*each)) && !asideToo) {
    allEvents.push(&each->pending);
  }
}

/// Everybody who could go on has given way: then nobody has.
void enterWhoGaveWay(std::uint64_t point) {
  for (Controlled* each : controlled) {
    enter(each, point, true);
    noLongerAside(*each);
  }
}

bool isInBase(const Controlled* thread) {
  for (const Controlled* each : base)
    if (each == thread) return true;
  return false;
}

/// `everybody`: also those who do not hurry.
void enterEarly(bool everybody) {
  for (Controlled* each : controlled)
    if (!canGoOn(*each) && ((isTimed(*each) && (everybody || each->hurries)) || (everybody && mayWakeSpuriously(*each))))
      enabledEvents.push(&each->pending);
}

void sortEnabled() {
  for (std::size_t i = 1; i < enabledEvents.size(); ++i)
    for (std::size_t j = i; j != 0 && enabledEvents[j]->thread < enabledEvents[j - 1]->thread; --j) {
      const Event* swapped = enabledEvents[j];
      enabledEvents[j] = enabledEvents[j - 1];
      enabledEvents[j - 1] = swapped;
    }
}

}  // namespace

bool canGoOn(const Controlled& thread) {
  if (thread.state == Controlled::State::Ready) return true;
  if (thread.byWord) return __atomic_load_n(thread.awaited.word, __ATOMIC_ACQUIRE) != thread.awaited.expected;
  return thread.ready != nullptr && thread.ready(thread.readyData);
}

Candidates findCandidates(Controlled* own, std::uint64_t point, RandomNumbers* draws) {
  enabledEvents.clear();
  allEvents.clear();
  base.clear();
  for (Controlled* each : controlled) enter(each, point, false);
  if (base.size() == 0) enterWhoGaveWay(point);
  Controlled* late = base.size() == 0 ? earliest() : nullptr;
  if (late != nullptr) base.push(late);
  if (base.size() == 0) return {nullptr, 0, nullptr, 0, nullptr};
  Controlled* standing = own != nullptr && isInBase(own) ? own : base[0];
  for (Controlled* each : base)
    if (draws == nullptr || !each->leaves || base.size() == 1) enabledEvents.push(&each->pending);
  if (enabledEvents.size() == 0) enabledEvents.push(&standing->pending);
  if (draws != nullptr && late == nullptr && allEvents.size() > base.size()) {
    enterEarly(draws->below(kEarlyOdds) == 0);
    sortEnabled();
  }
  return {enabledEvents.begin(), enabledEvents.size(), allEvents.begin(), allEvents.size(), standing};
}

bool anyoneWaitsOutside() {
  for (const Controlled* each : controlled)
    if (each->state == Controlled::State::Waiting && each->ready != nullptr) return true;
  return false;
}

}  // namespace deadheat::rt
