// The interface of virtual machines that run Java-like code: a heap of its own, monitors, and volatile fields.
#include "runtime/abi/export.h"
#include "runtime/detect/context_tree.h"
#include "runtime/detect/object_heap.h"
#include "runtime/record/symbols.h"
#include "runtime/detect/thread.h"

using namespace deadheat::rt;

namespace {

void lockMonitor(Address monitor, Mode mode, Address pc) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  LockClass kind = mode == Mode::Shared ? LockClass::RwLock : LockClass::RecursiveMutex;
  beforeLock(self, pc, monitor, kind, mode, Attempt::Blocking);
  afterLock(self, pc, monitor, kind, mode, Attempt::Blocking);
}

void unlockMonitor(Address monitor, Address pc) {
  if (Thread* self = currentThread()) beforeUnlock(self, pc, monitor);
}

}  // namespace

DEADHEAT_EXPORT void __tsan_java_preinit(const char* machine) { initialize(); }
DEADHEAT_EXPORT void __tsan_java_init(Address heapBegin, std::size_t heapSize) {
  initialize();
  objectHeapBegins(heapBegin, heapSize);
}
DEADHEAT_EXPORT int __tsan_java_fini() { return 0; }
DEADHEAT_EXPORT void __tsan_java_alloc(Address begin, std::size_t size) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  memoryForgotten(begin, size);
  BlockInfo object{begin, size, self->id, currentContext(self), DEADHEAT_PC};
  Address caller = 0;
  Context outer = parentContext(object.context, caller);
  if (caller >= kExternalCounter) {  // The machine's own code asks for it on behalf of the program's.
    object.context = outer;
    object.pc = caller;
  }
  rememberObject(object);
}
/// The collector frees, in no thread of the program: what was there is forgotten, not written.
DEADHEAT_EXPORT void __tsan_java_free(Address begin, std::size_t size) {
  if (currentThread() == nullptr) return;
  memoryForgotten(begin, size);
  forgetObjects(begin, size);
}
/// With every thread stopped, so nothing that follows races with what was before.
DEADHEAT_EXPORT void __tsan_java_move(Address from, Address to, std::size_t size) {
  if (currentThread() == nullptr) return;
  memoryForgotten(from, size);
  memoryForgotten(to, size);
  moveObjects(from, to, size);
}
/// Size of the first object that begins in [*from, to), whose place goes to *from; 0 when there is none.
DEADHEAT_EXPORT Address __tsan_java_find(Address* from, Address to) {
  BlockInfo object;
  if (currentThread() == nullptr || !firstObject(*from, to, object)) return 0;
  *from = object.begin;
  return object.size;
}
/// The calling thread runs finalizers from now on: it comes after whatever any thread did.
DEADHEAT_EXPORT void __tsan_java_finalize() {
  if (Thread* self = currentThread()) acquireEverything(self);
}

DEADHEAT_EXPORT void __tsan_java_mutex_lock(Address monitor) { lockMonitor(monitor, Mode::Exclusive, DEADHEAT_PC); }
DEADHEAT_EXPORT void __tsan_java_mutex_unlock(Address monitor) { unlockMonitor(monitor, DEADHEAT_PC); }
DEADHEAT_EXPORT void __tsan_java_mutex_read_lock(Address monitor) { lockMonitor(monitor, Mode::Shared, DEADHEAT_PC); }
DEADHEAT_EXPORT void __tsan_java_mutex_read_unlock(Address monitor) { unlockMonitor(monitor, DEADHEAT_PC); }
DEADHEAT_EXPORT void __tsan_java_mutex_lock_rec(Address monitor, int levels) {
  for (int i = 0; i < levels; ++i) lockMonitor(monitor, Mode::Exclusive, DEADHEAT_PC);
}
/// Gives up all levels; returns how many they were.
DEADHEAT_EXPORT int __tsan_java_mutex_unlock_rec(Address monitor) {
  Thread* self = currentThread();
  if (self == nullptr) return 0;
  HeldLock held[kMaxHeldShown];
  std::size_t count = heldLocks(self, held, kMaxHeldShown);
  std::uint32_t levels = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (held[i].lock == monitor) levels = held[i].recursion;
  for (std::uint32_t i = 0; i < levels; ++i) beforeUnlock(self, DEADHEAT_PC, monitor);
  return static_cast<int>(levels);
}

DEADHEAT_EXPORT void __tsan_java_acquire(Address object) {
  if (Thread* self = currentThread()) acquire(self, object);
}
DEADHEAT_EXPORT void __tsan_java_release(Address object) {
  if (Thread* self = currentThread()) release(self, object);
}
DEADHEAT_EXPORT void __tsan_java_release_store(Address object) {
  if (Thread* self = currentThread()) releaseStore(self, object);
}
