// The older annotation macros (dynamic_annotations.h), still in many code bases. Each takes the file and line first.
#include "runtime/abi/export.h"
#include "runtime/detect/lock_table.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/thread.h"

using namespace deadheat::rt;

namespace {

/// Begin and end may stand apart, as long as the thread still runs when they end.
void ignoreAccesses(Address pc) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  ++self->ignoreDepth;
  if (self->ignoreRequests++ == 0) self->ignoresMade = 0;
  if (self->ignoresMade == Thread::kIgnoresShown) return;
  self->ignoreContext[self->ignoresMade] = currentContext(self);
  self->ignorePc[self->ignoresMade++] = pc;
}
void heedAccesses() {
  Thread* self = currentThread();
  if (self == nullptr || self->ignoreRequests == 0) return;
  --self->ignoreDepth;
  --self->ignoreRequests;
}

}  // namespace

#define DEADHEAT_ANNOTATION(name, ...) DEADHEAT_EXPORT void name(const char* file, int line __VA_OPT__(, ) __VA_ARGS__)

DEADHEAT_ANNOTATION(AnnotateHappensBefore, Address object) {
  if (Thread* self = currentThread()) release(self, object);
}
DEADHEAT_ANNOTATION(AnnotateHappensAfter, Address object) {
  if (Thread* self = currentThread()) acquire(self, object);
}
DEADHEAT_ANNOTATION(WTFAnnotateHappensBefore, Address object) {
  if (Thread* self = currentThread()) release(self, object);
}
DEADHEAT_ANNOTATION(WTFAnnotateHappensAfter, Address object) {
  if (Thread* self = currentThread()) acquire(self, object);
}

DEADHEAT_ANNOTATION(AnnotateRWLockCreate, Address lock) {
  if (Thread* self = currentThread()) lockCreated(self, DEADHEAT_PC, lock, LockClass::RwLock);
}
/// May come after the first uses, and the destructor before the last.
DEADHEAT_ANNOTATION(AnnotateRWLockCreateStatic, Address lock) {
  if (currentThread() != nullptr) setLockFlags(lock, LockClass::RwLock, kLockOutlivesDestructor);
}
DEADHEAT_ANNOTATION(AnnotateRWLockDestroy, Address lock) {
  Thread* self = currentThread();
  if (self != nullptr && (lockFlags(lock) & kLockOutlivesDestructor) == 0) lockDestroyed(self, DEADHEAT_PC, lock);
}
/// Told after the fact, so the attempt counts as one that could not block.
DEADHEAT_ANNOTATION(AnnotateRWLockAcquired, Address lock, std::intptr_t exclusive) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  Mode mode = exclusive != 0 ? Mode::Exclusive : Mode::Shared;
  checkTaken(self, DEADHEAT_PC, lock, LockClass::RwLock, mode);
  beforeLock(self, DEADHEAT_PC, lock, LockClass::RwLock, mode, Attempt::Blocking);
  afterLock(self, DEADHEAT_PC, lock, LockClass::RwLock, mode, Attempt::Blocking);
}
DEADHEAT_ANNOTATION(AnnotateRWLockReleased, Address lock, std::intptr_t exclusive) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  checkGivenBack(self, DEADHEAT_PC, lock, LockClass::RwLock, exclusive != 0 ? Mode::Exclusive : Mode::Shared);
  beforeUnlock(self, DEADHEAT_PC, lock);
}

DEADHEAT_ANNOTATION(AnnotateIgnoreReadsBegin) { ignoreAccesses(DEADHEAT_PC); }
DEADHEAT_ANNOTATION(AnnotateIgnoreReadsEnd) { heedAccesses(); }
DEADHEAT_ANNOTATION(AnnotateIgnoreWritesBegin) { ignoreAccesses(DEADHEAT_PC); }
DEADHEAT_ANNOTATION(AnnotateIgnoreWritesEnd) { heedAccesses(); }
DEADHEAT_ANNOTATION(AnnotateEnableRaceDetection, int enable) { enable != 0 ? heedAccesses() : ignoreAccesses(DEADHEAT_PC); }
DEADHEAT_ANNOTATION(AnnotateIgnoreSyncBegin) {
  if (Thread* self = currentThread()) ++self->ignoreSyncDepth;
}
DEADHEAT_ANNOTATION(AnnotateIgnoreSyncEnd) {
  Thread* self = currentThread();
  if (self != nullptr && self->ignoreSyncDepth != 0) --self->ignoreSyncDepth;
}

DEADHEAT_ANNOTATION(AnnotateBenignRace, Address object, const char* why) { declareBenign(object, 1); }
DEADHEAT_ANNOTATION(AnnotateBenignRaceSized, Address object, std::size_t size, const char* why) {
  declareBenign(object, size);
}
DEADHEAT_ANNOTATION(WTFAnnotateBenignRaceSized, Address object, std::size_t size, const char* why) {
  declareBenign(object, size);
}

DEADHEAT_ANNOTATION(AnnotateNewMemory, Address begin, std::size_t size) {
  if (Thread* self = currentThread()) memoryAllocated(self, DEADHEAT_PC, begin, size);
}
DEADHEAT_ANNOTATION(AnnotateThreadName, const char* name) {
  if (Thread* self = currentThread()) threadSetName(self, name);
}

// Nothing to do: intercepted or derived from what the program does, or hints for detectors of another kind.
DEADHEAT_ANNOTATION(AnnotateCondVarSignal, Address condition) {}
DEADHEAT_ANNOTATION(AnnotateCondVarSignalAll, Address condition) {}
DEADHEAT_ANNOTATION(AnnotateCondVarWait, Address condition, Address lock) {}
DEADHEAT_ANNOTATION(AnnotateMutexIsNotPHB, Address mutex) {}
DEADHEAT_ANNOTATION(AnnotateMutexIsUsedAsCondVar, Address mutex) {}
DEADHEAT_ANNOTATION(AnnotatePCQCreate, Address queue) {}
DEADHEAT_ANNOTATION(AnnotatePCQDestroy, Address queue) {}
DEADHEAT_ANNOTATION(AnnotatePCQPut, Address queue) {}
DEADHEAT_ANNOTATION(AnnotatePCQGet, Address queue) {}
DEADHEAT_ANNOTATION(AnnotatePublishMemoryRange, Address begin, std::size_t size) {}
DEADHEAT_ANNOTATION(AnnotateUnpublishMemoryRange, Address begin, std::size_t size) {}
DEADHEAT_ANNOTATION(AnnotateMemoryIsInitialized, Address begin, std::size_t size) {}
DEADHEAT_ANNOTATION(AnnotateMemoryIsUninitialized, Address begin, std::size_t size) {}
DEADHEAT_ANNOTATION(AnnotateTraceMemory, Address object) {}
DEADHEAT_ANNOTATION(AnnotateNoOp, Address argument) {}
DEADHEAT_ANNOTATION(AnnotateFlushState) {}
// For tests of a detector that must report; nobody waits for them here.
DEADHEAT_ANNOTATION(AnnotateExpectRace, Address object, const char* why) {}
DEADHEAT_ANNOTATION(AnnotateFlushExpectedRaces) {}

DEADHEAT_EXPORT int RunningOnValgrind() { return 0; }
DEADHEAT_EXPORT double ValgrindSlowdown() { return 10; }
