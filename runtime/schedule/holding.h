// What to do when a thread arrives at a site of the plan of a run that is steered by holding threads: one kind a plan mode,
// one file a kind.
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

/// May keep the calling thread for a while; returns when the operation is to happen.
struct Holding {
  void (*access)(const Arrival& arrival);  ///< Before a memory access; null: accesses do not matter.
  void (*lock)(const Arrival& arrival);    ///< Before a blocking acquisition; null: locks do not matter.
};

/// Holds a thread before its access until another stands at a conflicting one.
extern const Holding kRaceHold;
/// Holds threads before their last acquisition until they would wait for each other in a circle.
extern const Holding kDeadlockHold;

}  // namespace deadheat::rt
