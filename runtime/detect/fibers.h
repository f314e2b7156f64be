// Fibers: what runs on a stack of its own that makecontext or make_fcontext was told of, and is known by it.
//
// A fiber runs as the thread that carries it: its accesses are that thread's, so that what hands it from one to another
// has to order them, as for any other memory. It has a call stack of its own, and is a task. Programs that tell of
// their fibers themselves (__tsan_create_fiber) are believed, and their contexts are not looked at.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

struct Fiber;

/// A context with a stack of its own will run `entry`. One that had this stack before is no more.
Fiber* fiberMade(Thread* self, Address pc, Address stack, std::size_t size, Address entry);
/// The calling thread is about to go on where the stack pointer is `stackPointer`. On a stack that nobody told of,
/// nothing changes. `unseen`: code that is not instrumented switches. What it does to hand a fiber from one thread to
/// another is out of sight, so whoever enters the fiber comes after who left it.
void fiberSwitched(Thread* self, Address pc, Address stackPointer, bool unseen = false);
/// The fiber with this stack was made by code that is not instrumented. Whoever enters it by a switch that is unseen
/// comes after what `self` did so far.
void fiberMadeUnseen(Thread* self, Address stackPointer);
/// True in such a fiber while it runs nothing that is instrumented.
bool fiberIsUnseen(const Thread* self);
/// False if the fiber that `self` carries asked the same on another thread: as far as locks are concerned it is both of
/// them, though it takes its own one after the other.
bool fiberKeepsToThread(Thread* self);
/// The memory is given back: the fibers with a stack in it are no more. Cost: mostly two comparisons.
void fibersForgotten(Address begin, std::size_t size);
/// The end of the stack that `at` lies on: that of a fiber, or the thread's own. Where neither is known to be, that of
/// the page.
Address stackEnd(const Thread* self, Address at);
/// The function of the fiber that `self` carries has returned; what comes next is at `stackPointer`, or (0) the
/// thread's end.
void fiberEnded(Thread* self, Fiber* fiber, Address stackPointer);
/// The program tells of its fibers itself.
void fibersAreTold();

SpinLock& fiberTableLock();

}  // namespace deadheat::rt
