// The parts of acquire and release that work on an object already found and locked; atomics need them with the access
// to the value in between.
#pragma once

#include "runtime/detect/sync_table.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {

/// What self does from now on is no longer covered by what it released so far. After every release.
void nextEpoch(Thread* self);
/// Self has taken a lock: what it does from now on can be told from what it did before, in the same epoch if that has
/// room for it.
void nextPart(Thread* self);

/// acquire and release (core.h) for locks, whose order is that of their sections and can be another in another run.
void acquireClock(Thread* self, Address object);
void releaseClock(Thread* self, Address object);

// All with the object's lock held.
void acquireFrom(Thread* self, const SyncObject& object);
/// The object also keeps what it had.
void releaseInto(Thread* self, SyncObject& object);
/// The object becomes what self knows.
void storeInto(Thread* self, SyncObject& object);

}  // namespace deadheat::rt
