// Telling a race: from the shadow when two accesses are unordered, from the schedule when two threads stand at
// conflicting accesses at the same moment.
#pragma once

#include "runtime/core.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

struct RaceAccess {
  ThreadId thread;
  std::uint32_t flags;  ///< protocol::AccessFlags.
  Address address;
  std::size_t size;
  Address pc;
  Context context;
  std::uint32_t site;    ///< Plan site, or ~0u.
  const Thread* heldOf;  ///< Whose held locks to write: a thread that stands still in the runtime, or null.
  std::uint64_t epoch = 0;   ///< In which of its thread's epochs it was; 0: not known.
  std::uint64_t moment = 0;  ///< The same with its part, for the locks held then.
  std::uint32_t slot = 0;    ///< That epoch's.
  std::uint32_t task = 0;    ///< As in protocol::RaceSide.
};

/// Writes a race record unless it was told before (race_identity.h; with a plan, by code and proof only). `later`
/// is the access that came second. Takes no lock that user code can hold; costs a hash look-up when told before.
void reportRace(const RaceAccess& later, const RaceAccess& earlier, protocol::RaceProof proof);

/// Races on these bytes are not to be told: the program says they are meant.
void declareBenign(Address begin, std::size_t size);

}  // namespace deadheat::rt
