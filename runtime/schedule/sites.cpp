#include "runtime/schedule/sites.h"

#include "runtime/detect/thread.h"
#include "runtime/schedule/controlled.h"
#include "runtime/schedule/frame_watch.h"

namespace deadheat::rt {
namespace {

using protocol::SiteKind;

constexpr std::size_t kFramesOfHeld = 8;  ///< Where a lock was taken: itself and its callers.

/// Code addresses come as return addresses; the call before belongs to the site.
std::uint32_t placeOf(Address pc) { return plan.places.find(pc - 1); }

/// An `x++` may be announced as its write alone, so a site that reads takes writes too. What a task acts on may be
/// found changed by then, so that its act writes elsewhere.
bool fits(SiteKind kind, std::uint32_t flags, bool inTask) {
  switch (kind) {
    case SiteKind::Read:
      return true;
    case SiteKind::Act:
      return inTask || (flags & protocol::kAccessWrite) != 0;
    case SiteKind::Write:
      return (flags & protocol::kAccessWrite) != 0;
    case SiteKind::Look:
      return (flags & protocol::kAccessWrite) == 0;
    case SiteKind::ThreadsOwn:
      return true;
    case SiteKind::Drop:
      return (flags & protocol::kAccessFree) != 0;
    case SiteKind::Acquire:
    case SiteKind::Rest:
    case SiteKind::Hold:
    case SiteKind::Lend:
    case SiteKind::Block:
    case SiteKind::Result:
      return false;
  }
  return false;
}

/// First site of the place that `wanted` holds for.
template <class Wanted>
std::uint32_t siteAt(std::uint32_t place, Wanted wanted) {
  if (place == kNoPlace) return kNoSite;
  for (std::uint32_t i = 0; i < plan.places[place].count; ++i) {
    std::uint32_t site = plan.places.sitesOf(place)[i];
    if (wanted(site)) return site;
  }
  return kNoSite;
}

template <class Wanted>
std::uint32_t siteFor(const Thread* self, Address pc, Wanted wanted) {
  std::uint32_t site = siteAt(placeOf(pc), wanted);
  for (std::uint32_t i = self->plan.frameCount; i != 0 && site == kNoSite; --i)
    site = siteAt(self->plan.frames[i - 1].place, wanted);
  return site;
}

bool isKind(std::uint32_t site, SiteKind kind) { return plan.sites[site].kind == kind; }

/// `held` was taken at `hold`, or by what was called there.
bool wasTakenAt(const HeldLock& held, std::uint32_t hold) {
  Address stack[kFramesOfHeld];
  std::size_t depth = unwind(held.context, held.pc, stack, kFramesOfHeld);
  for (std::size_t i = 0; i < depth; ++i)
    if (siteAt(placeOf(stack[i]), [=](std::uint32_t site) { return site == hold; }) != kNoSite) return true;
  return false;
}

/// The plan says where the lock was taken under which `site` is made.
bool saysHold(std::uint32_t site) {
  for (const protocol::PlanSite& each : plan.sites)
    if (each.kind == SiteKind::Hold && each.component == plan.sites[site].component) return true;
  return false;
}

/// Every other attempt takes any lock for the one the plan means: the compiler may have put it elsewhere.
bool holdsAsPlanned(const Thread* self, std::uint32_t site) {
  HeldLock held[kMaxHeldShown];
  std::size_t count = heldLocks(self, held, kMaxHeldShown);
  if (count == 0) return false;
  if (plan.header.attempt % 2 != 0 || !saysHold(site)) return true;
  for (std::uint32_t hold = 0; hold < plan.sites.size(); ++hold)
    for (std::size_t i = 0; i < count; ++i)
      if (isKind(hold, SiteKind::Hold) && plan.sites[hold].component == plan.sites[site].component &&
          wasTakenAt(held[i], hold))
        return true;
  return false;
}

/// An operation that may wait for something other than a lock. To wait for a condition is to give back its lock first.
bool mayBlock(Operation operation) {
  switch (operation) {
    case Operation::Sleep:
    case Operation::Wait:
    case Operation::Unlock:
    case Operation::Join:
    case Operation::Arrive:
    case Operation::Once:
    case Operation::Input:
      return true;
    default:
      return false;
  }
}

bool holdsAny(const Thread* self) {
  HeldLock held[1];
  return heldLocks(self, held, 1) != 0;
}

/// Where the thread was given the address of what it uses, if that is its creator's or another thread's.
std::uint32_t borrowedSite(const Thread* self, const Event& event) {
  const Controlled* own = self->plan.controlled;
  if (own == nullptr || own->lentAt == kNoSite) return kNoSite;
  return lentTo(event) == Lent::No ? kNoSite : own->lentAt;
}

}  // namespace

std::uint32_t accessSite(const Thread* self, Address pc, std::uint32_t flags) {
  bool inTask = self->running != nullptr;
  return siteFor(self, pc, [=](std::uint32_t site) { return fits(plan.sites[site].kind, flags, inTask); });
}

std::uint32_t acquireSite(const Thread* self, Address pc) {
  return siteFor(self, pc, [](std::uint32_t site) { return isKind(site, SiteKind::Acquire); });
}

std::uint32_t resultSite(const Thread* self, Address pc) {
  return siteFor(self, pc, [](std::uint32_t site) { return isKind(site, SiteKind::Result); });
}

void findSite(const Thread* self, std::uint32_t flags, Event& event) {
  if (plan.places.size() == 0) return;
  if (event.isAccess())
    event.site = accessSite(self, event.pc, event.operation == Operation::Free ? flags | protocol::kAccessFree : flags);
  else if (event.operation == Operation::Create)
    event.site = siteFor(self, event.pc, [](std::uint32_t site) { return isKind(site, SiteKind::Lend); });
  else if (event.operation == Operation::Lock)
    event.site = siteFor(self, event.pc, [=](std::uint32_t site) {
      return isKind(site, SiteKind::Acquire) && holdsAsPlanned(self, site);
    });
  else if (event.operation == Operation::Unlock || event.operation == Operation::Wait)
    event.site = siteFor(self, event.pc, [](std::uint32_t site) { return isKind(site, SiteKind::Rest); });
  if (event.site == kNoSite && mayBlock(event.operation) && (event.task != 0 || holdsAny(self)))
    event.site = siteFor(self, event.pc, [](std::uint32_t site) { return isKind(site, SiteKind::Block); });
  if (event.site == kNoSite) event.site = borrowedSite(self, event);
  if (event.site == kNoSite) return;
  event.role = plan.sites[event.site].kind;
  event.context = currentContext(self);
}

}  // namespace deadheat::rt
