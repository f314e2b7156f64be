// Conditions, semaphores and barriers: who waits for them, so that what ends their life too early, or waits for them
// against the rules, is told. They live in the table of locks, so freed memory takes them along.
//
// A woken thread still looks as if it waited until it has run, so wake-ups are counted too: only who was not woken is in
// the way of a destruction. All verbs cost one look into the table.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// `self` is about to wait for a condition with `mutex`. `holds`: it holds the mutex, as it must.
void conditionAwaited(Thread* self, Address pc, Address condition, Address mutex, bool holds);
/// The same for a semaphore found empty.
void semaphoreAwaited(Thread* self, Address pc, Address semaphore);
/// The wait is over, by a wake-up or otherwise (a time limit, cancellation, a signal).
void waiterLeft(Address object, bool woken);
/// Another thread is about to wake one waiter, or all. `inside`: how many the C library has waiting; one of ours that is
/// not among them yet is not woken, if the program has it so.
void waiterWoken(Address object, bool all, std::uint32_t inside);
/// True if a waiter was surely woken, and has not run since.
bool hasWoken(Address object);
/// Anybody left who waits for it?
bool isAwaited(Address object);

/// Counts an arrival at a barrier of `count` threads. True for the one that completes a round by this count; it does
/// not wait.
bool arriveAtBarrier(Thread* self, Address pc, Address barrier, std::uint32_t count);

/// The object's life ends.
void waitObjectDestroyed(Thread* self, Address pc, Address object);

}  // namespace deadheat::rt
