// What to do when a thread arrives at a site of the plan: one strategy a plan mode, one file a strategy.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// An operation about to happen at one or more sites of the plan.
struct Arrival {
  Thread* self;
  Address pc;
  Address begin;  ///< Bytes accessed, or the lock wanted.
  std::size_t size;
  std::uint32_t flags;
  std::uint32_t site;
};

/// A strategy may keep the calling thread for a while; it returns when the operation is to happen.
struct Strategy {
  void (*access)(const Arrival& arrival);  ///< Before a memory access; null: accesses do not matter.
  void (*lock)(const Arrival& arrival);    ///< Before a blocking acquisition; null: locks do not matter.
};

/// Holds a thread before its access until another stands at a conflicting one.
extern const Strategy kRaceHold;
/// Holds threads before their last acquisition until they would wait for each other in a circle.
extern const Strategy kDeadlockHold;

}  // namespace deadheat::rt
