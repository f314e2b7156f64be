// Lock ways: what a function does to locks on each way through it.
//
// The frame's flow (frame_flow.cpp) knows what is held for certain, whichever way was taken. Leaks, locks given back
// twice and locks used after their end happen on one way of several, so here the ways are kept apart: for each lock
// what became of it, and which tests came out how, so that `if (shared) lock … if (shared) unlock` has two ways and
// not four. Beyond a bound ways are joined and a lock that differs between them is unclear, about which nothing is
// said.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzers/link/tables.h"

namespace deadheat {

/// What became of a lock on one way.
enum class LockFate : std::uint8_t { Held, Free, Gone, Unclear };

/// One lock on one way. A lock that is not listed is as the caller left it.
struct LockState {
  PathId lock = PathId::Unknown;
  LockFate fate = LockFate::Unclear;
  Hold hold = Hold::Exclusive;
  Recursion recursion = Recursion::No;
  std::uint8_t count = 1;      ///< Held: times.
  bool byCaller = false;       ///< The caller must have held it when the function was entered.
  bool byGuard = false;        ///< Held, or held last, by an object whose end gives it back.
  bool robbed = false;         ///< Free: given back by hand though a guard holds it.
  bool begun = false;          ///< Initialised on this way.
  bool strict = false;         ///< Shared and exclusive holds are given back by different functions.
  HoldSiteId taken = HoldSiteId::None;    ///< Where it was taken last on this way.
  HoldSiteId changed = HoldSiteId::None;  ///< Free: where it was given back or initialised. Gone: where it ended.
  FunctionIndex unclearAfter = FunctionIndex::None;  ///< Unclear: the callee that may have changed it.
  auto operator<=>(const LockState&) const = default;
};

/// What a call does to one lock, over all its ways; several bits where they differ.
struct LockOutcome {
  enum : std::uint8_t {
    kKeeps = 1,       ///< As it was.
    kKeepsHeld = 2,   ///< Gives it back and takes it again.
    kTakes = 4,
    kGives = 8,
    kBegins = 16,     ///< Initialises it.
    kEnds = 32,       ///< Destroys it.
    kGivesEnds = 64,  ///< Gives it back, then destroys it.
  };
  PathId lock = PathId::Unknown;
  std::uint8_t ways = 0;
  bool byGuard = false;
  Hold hold = Hold::Exclusive;
  Recursion recursion = Recursion::No;
  HoldSiteId site = HoldSiteId::None;  ///< Where it was taken, given back or destroyed.
  auto operator<=>(const LockOutcome&) const = default;
};

/// Something done to a lock that its state on that way does not allow, or left undone at the end.
struct LockIncident {
  enum class Kind : std::uint8_t {
    TakenTwice,       ///< `at` waits for what `since` holds.
    NotHeld,          ///< `at` gives back what is free, given back at `since` or never taken.
    WaitsNotHeld,     ///< A wait at `at` gives back what is free.
    WrongMode,        ///< `at` gives back a shared hold as an exclusive one, or the reverse.
    Robbed,           ///< The guard that took it at `since` gives back at `at` what was given back by hand.
    Leaks,            ///< Taken at `since`, still held on a way out at `at`.
    LeaksByThrow,     ///< Taken at `since`, still held when an exception leaves at `at`.
    EndsHeld,         ///< Destroyed at `at` while held since `since`.
    BeginsHeld,       ///< Initialised at `at` while held since `since`.
    UsedAfterEnd,     ///< Used at `at`, destroyed at `since`.
    CallerGivesBack,  ///< `at` gives back what `callee` took on some of its ways. Nothing wrong: it means to.
    CallerHolds,      ///< `at` calls `callee`, which may give the lock back, with the lock held. Nothing wrong.
    NotTaken,         ///< `at` gives back what must have been held when `frame` was entered.
    NotFollowed,      ///< `frame` has more ways than could be followed: nothing is known of it.
  };
  Kind kind = Kind::NotHeld;
  FunctionIndex frame = FunctionIndex::None;
  PathId lock = PathId::Unknown;
  HoldSiteId at = HoldSiteId::None;
  HoldSiteId since = HoldSiteId::None;
  FunctionIndex callee = FunctionIndex::None;
  Hold hold = Hold::Exclusive;
  Recursion recursion = Recursion::No;
  bool always = false;  ///< On every way to `at`; for leaks, every way out.
  /// On further ways another element is held that may be this one, though the function takes and gives back by one name.
  bool doubted = false;
  auto operator<=>(const LockIncident&) const = default;
};

}  // namespace deadheat
