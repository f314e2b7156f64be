// Which site of the plan an operation is at: its own code, or that of the nearest call it is inside of.
#pragma once

#include "runtime/schedule/event.h"
#include "runtime/schedule/plan.h"

namespace deadheat::rt {

inline constexpr std::uint32_t kNoSite = Event::kNoSite;

/// The site of a memory access by `self`; `flags` are protocol::AccessFlags.
std::uint32_t accessSite(const Thread* self, Address pc, std::uint32_t flags);
/// The acquisition of the plan that a lock operation at `pc` is.
std::uint32_t acquireSite(const Thread* self, Address pc);

/// The Result of the plan that `self` is at, or kNoSite.
std::uint32_t resultSite(const Thread* self, Address pc);

/// Of a controlled run: sets site, role and context of `event`, which `self` is about to perform; `flags` are those of
/// an access. Of acquisitions only those count that are made under a lock, taken where the plan says if it does.
void findSite(const Thread* self, std::uint32_t flags, Event& event);

}  // namespace deadheat::rt
