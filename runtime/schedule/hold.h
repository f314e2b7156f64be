// Holding threads still for a while: the one means of the first strategies. Nothing but timing changes.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// What a thread is held before.
struct Hold {
  Thread* thread;
  Address pc;
  Address begin;  ///< Bytes it is about to access, or the lock it wants.
  std::size_t size;
  std::uint32_t flags;  ///< protocol::AccessFlags of an access.
  std::uint32_t site;
  Context context;
  int released;  ///< Futex word: 0 held; 1 go; 2 go a little later.
};

inline constexpr int kGo = 1;
inline constexpr int kGoLater = 2;
inline constexpr std::size_t kMostHeld = 128;

/// The threads held now. `holdTableLock` guards the table and all Holds in it.
extern SpinLock holdTableLock;
extern Hold* holds[kMostHeld];
extern std::size_t holdCount;

/// True if the plan's time allows to hold `self` and somebody else could arrive meanwhile. Call with holdTableLock held.
bool mayHold();

/// True for the occurrences of the operation at `pc` that this run holds: all of the first few, then fewer and fewer,
/// which ones depending on seed and attempt. Counts the occurrence.
bool chooses(Address pc, std::uint32_t site);

/// Enters `hold` and keeps its thread until it is released, its time is over, or every other thread is blocked or held.
/// Call with holdTableLock held; returns with it released.
void holdHere(Hold& hold);

/// Lets a held thread go. Call with holdTableLock held.
void letGo(Hold& hold, int how);

/// Keeps the calling thread back for the moment another one needs to pass.
void stepBack();

/// Writes the SiteReached record: once a site, and for the first holds at it.
void noteReached(Thread* self, std::uint32_t site, bool held);

/// In the child of a fork.
void resetHolds();

}  // namespace deadheat::rt
