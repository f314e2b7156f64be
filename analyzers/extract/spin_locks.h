// Locks made of atomics: a body called `lock` that spins on an atomic of its object takes that object.
//
// Wrappers round known locks need no help: their calls show it. Here there is nothing to see but the atomics, so the
// name decides whether it is a lock at all.
#pragma once

#include <string_view>

#include "analyzers/facts/tu_facts.h"

namespace deadheat {

/// Adds an Acquire of the object to a function called `…lock` whose only way to wait is an atomic read-modify-write in
/// it, and a Release to one called `…unlock` that writes an atomic in it. The object is `*this`, or what the first
/// parameter points to. Changes nothing in functions that take or give a known lock.
void inferSpinLock(std::string_view name, Function& function);

}  // namespace deadheat
