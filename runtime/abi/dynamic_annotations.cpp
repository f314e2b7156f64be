// The older annotation macros (dynamic_annotations.h), still in many code bases. Each takes the file and line first.
#include "runtime/abi/export.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/thread.h"

using namespace deadheat::rt;

namespace {

void ignoreAccesses() {
  if (Thread* self = currentThread()) ++self->ignoreDepth;
}
void heedAccesses() {
  Thread* self = currentThread();
  if (self != nullptr && self->ignoreDepth != 0) --self->ignoreDepth;
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
DEADHEAT_ANNOTATION(AnnotateRWLockCreateStatic, Address lock) {
  if (Thread* self = currentThread()) lockCreated(self, DEADHEAT_PC, lock, LockClass::RwLock);
}
DEADHEAT_ANNOTATION(AnnotateRWLockDestroy, Address lock) {
  if (Thread* self = currentThread()) lockDestroyed(self, DEADHEAT_PC, lock);
}
/// Told after the fact, so the attempt counts as one that could not block.
DEADHEAT_ANNOTATION(AnnotateRWLockAcquired, Address lock, std::intptr_t exclusive) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  Mode mode = exclusive != 0 ? Mode::Exclusive : Mode::Shared;
  beforeLock(self, DEADHEAT_PC, lock, LockClass::RwLock, mode, Attempt::Blocking);
  afterLock(self, DEADHEAT_PC, lock, LockClass::RwLock, mode, Attempt::Blocking);
}
DEADHEAT_ANNOTATION(AnnotateRWLockReleased, Address lock, std::intptr_t exclusive) {
  if (Thread* self = currentThread()) beforeUnlock(self, DEADHEAT_PC, lock);
}

DEADHEAT_ANNOTATION(AnnotateIgnoreReadsBegin) { ignoreAccesses(); }
DEADHEAT_ANNOTATION(AnnotateIgnoreReadsEnd) { heedAccesses(); }
DEADHEAT_ANNOTATION(AnnotateIgnoreWritesBegin) { ignoreAccesses(); }
DEADHEAT_ANNOTATION(AnnotateIgnoreWritesEnd) { heedAccesses(); }
DEADHEAT_ANNOTATION(AnnotateEnableRaceDetection, int enable) { enable != 0 ? heedAccesses() : ignoreAccesses(); }
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
