// What other parts of the runtime tell the wait-for graph, and ask of it, beside blockBegin and blockEnd.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// A thread is about to be created (it counts as able to go on from now), or its creation failed.
void waitThreadCreated();
void waitThreadFailed();
/// `self` ends. If that leaves only threads that wait for somebody to wake them, reports the deadlock.
void waitThreadEnded(Thread* self);

/// In a controlled run, where it is known: no thread can go on. Reports the deadlock; returns only if options say so.
void reportNobodyGoesOn();

/// Number of threads that are not blocked, as far as we see.
std::size_t threadsNotBlocked();

/// The list of blocked threads, by WaitState::next. For holdersOf, which is asked while it stands still.
const Thread* firstBlockedThread();

/// True if the join would not block but fail, since `target` waits to join `self`.
bool joinIsMutual(Thread* self, ThreadId target);

/// True if a thread is blocked joining `target`.
bool isBeingJoined(ThreadId target);

/// Around a fork: the list of blocked threads stands still.
void waitsBeforeFork();
void waitsAfterFork();
/// In the child of a fork, where only `self` is left.
void resetWaitsAfterFork(Thread* self);

}  // namespace deadheat::rt
