// Locks made of atomics: a class whose `lock` spins on an atomic of the object and whose `unlock` writes it is a lock.
//
// Wrappers round known locks need no help: their calls show it. Here there is nothing to see but the atomics, so names
// decide whether it is a lock at all: `lock`, `unlock` and `try_lock` as parts of a name.
#pragma once

#include <vector>

#include "analyzers/facts/tu_facts.h"

namespace deadheat {

/// Adds an Acquire of the object to functions called `…lock` that change an atomic of it by read-modify-write, in
/// themselves or a few calls further on the same object; to `try…lock` one on the way out that returns true; and a
/// Release to functions called `…unlock` that write an atomic of it. The object is `*this`, or what the first parameter
/// points to. Only for classes that have both, and for functions on what some other function locks; a lock function
/// outside classes may go alone, for what gives back may be a plain store. Changes nothing in functions that take or
/// give a known lock. Linear in the functions with such names.
void inferSpinLocks(std::vector<TuFacts>& units);

}  // namespace deadheat
