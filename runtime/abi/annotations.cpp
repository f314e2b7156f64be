// The part of the public interface that tells us about synchronisation: order, custom mutexes, fibers, tagged objects.
#include "runtime/abi/export.h"
#include "runtime/detect/fibers.h"
#include "runtime/detect/lock_table.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"

using namespace deadheat::rt;

namespace {

/// Flags of __tsan_mutex_*, as sanitizer/tsan_interface.h has them.
enum MutexFlags : unsigned {
  kLinkerInit = 1 << 0,
  kWriteReentrant = 1 << 1,
  kReadLock = 1 << 3,
  kTryLock = 1 << 4,
  kTryLockFailed = 1 << 5,
  kRecursiveLock = 1 << 6,
  kRecursiveUnlock = 1 << 7,
  kNotStatic = 1 << 8,
};

LockClass classOf(unsigned flags) {
  return (flags & kWriteReentrant) != 0 ? LockClass::RecursiveMutex : LockClass::RwLock;
}
Mode modeOf(unsigned flags) { return (flags & kReadLock) != 0 ? Mode::Shared : Mode::Exclusive; }
Attempt attemptOf(unsigned flags) { return (flags & kTryLock) != 0 ? Attempt::Try : Attempt::Blocking; }

/// What the mutex does inside itself is its own business.
void ignoreBegin(Thread* self) {
  ++self->ignoreDepth;
  ++self->ignoreSyncDepth;
}
void ignoreEnd(Thread* self) {
  if (self->ignoreDepth != 0) --self->ignoreDepth;
  if (self->ignoreSyncDepth != 0) --self->ignoreSyncDepth;
}

std::uint32_t recursionOf(Thread* self, Address lock) {
  HeldLock held[kMaxHeldShown];
  std::size_t count = heldLocks(self, held, kMaxHeldShown);
  for (std::size_t i = 0; i < count; ++i)
    if (held[i].lock == lock) return held[i].recursion;
  return 1;
}

}  // namespace

DEADHEAT_EXPORT void __tsan_acquire(void* object) {
  if (Thread* self = currentThread()) acquire(self, addressIn(object));
}
DEADHEAT_EXPORT void __tsan_release(void* object) {
  if (Thread* self = currentThread()) release(self, addressIn(object));
}

DEADHEAT_EXPORT void __tsan_mutex_create(void* mutex, unsigned flags) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  if ((flags & kLinkerInit) == 0) lockCreated(self, DEADHEAT_PC, addressIn(mutex), classOf(flags));
  setLockFlags(addressIn(mutex), classOf(flags),
               ((flags & kLinkerInit) != 0 ? kLockOutlivesDestructor : 0u) |
                   ((flags & kNotStatic) != 0 ? kLockNotStatic : 0u));
}
DEADHEAT_EXPORT void __tsan_mutex_destroy(void* mutex, unsigned flags) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  std::uint32_t made = lockFlags(addressIn(mutex));
  bool lives = (flags & kLinkerInit) != 0 || (made & kLockOutlivesDestructor) != 0 ||
               ((flags & kNotStatic) != 0 && (made & kLockNotStatic) == 0);
  if (!lives) lockDestroyed(self, DEADHEAT_PC, addressIn(mutex));
}
DEADHEAT_EXPORT void __tsan_mutex_pre_lock(void* mutex, unsigned flags) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  beforeLock(self, DEADHEAT_PC, addressIn(mutex), classOf(flags), modeOf(flags), attemptOf(flags));
  ignoreBegin(self);
}
DEADHEAT_EXPORT void __tsan_mutex_post_lock(void* mutex, unsigned flags, int recursion) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  ignoreEnd(self);
  if ((flags & kTryLockFailed) != 0) return;
  afterLock(self, DEADHEAT_PC, addressIn(mutex), classOf(flags), modeOf(flags), attemptOf(flags));
}
DEADHEAT_EXPORT int __tsan_mutex_pre_unlock(void* mutex, unsigned flags) {
  Thread* self = currentThread();
  if (self == nullptr) return 0;
  std::uint32_t levels = (flags & kRecursiveUnlock) != 0 ? recursionOf(self, addressIn(mutex)) : 1;
  for (std::uint32_t i = 0; i < levels; ++i) beforeUnlock(self, DEADHEAT_PC, addressIn(mutex));
  ignoreBegin(self);
  return static_cast<int>(levels);
}
DEADHEAT_EXPORT void __tsan_mutex_post_unlock(void* mutex, unsigned flags) {
  if (Thread* self = currentThread()) ignoreEnd(self);
}
DEADHEAT_EXPORT void __tsan_mutex_pre_signal(void* mutex, unsigned flags) {
  if (Thread* self = currentThread()) ignoreBegin(self);
}
DEADHEAT_EXPORT void __tsan_mutex_post_signal(void* mutex, unsigned flags) {
  if (Thread* self = currentThread()) ignoreEnd(self);
}
/// The mutex calls back into the program in between.
DEADHEAT_EXPORT void __tsan_mutex_pre_divert(void* mutex, unsigned flags) {
  if (Thread* self = currentThread()) ignoreEnd(self);
}
DEADHEAT_EXPORT void __tsan_mutex_post_divert(void* mutex, unsigned flags) {
  if (Thread* self = currentThread()) ignoreBegin(self);
}
DEADHEAT_EXPORT void __tsan_check_no_mutexes_held() {
  if (Thread* self = currentThread()) checkNothingHeld(self, DEADHEAT_PC);
}

DEADHEAT_EXPORT void* __tsan_get_current_fiber() { return currentThread(); }
DEADHEAT_EXPORT void* __tsan_create_fiber(unsigned flags) {
  Thread* self = currentThread();
  fibersAreTold();
  return self == nullptr ? nullptr : fiberCreate(self, DEADHEAT_PC);
}
DEADHEAT_EXPORT void __tsan_destroy_fiber(void* fiber) {
  Thread* self = currentThread();
  if (self != nullptr && fiber != nullptr) fiberDestroy(self, static_cast<Thread*>(fiber));
}
DEADHEAT_EXPORT void __tsan_switch_to_fiber(void* fiber, unsigned flags) {
  constexpr unsigned kNoSync = 1;
  Thread* self = currentThread();
  if (self != nullptr && fiber != nullptr) fiberSwitch(self, static_cast<Thread*>(fiber), (flags & kNoSync) == 0);
}
DEADHEAT_EXPORT void __tsan_set_fiber_name(void* fiber, const char* name) {
  if (fiber != nullptr) threadSetName(static_cast<Thread*>(fiber), name);
}

// Tagged objects of other languages: an access to the object is one to its first byte. Tags only name the kind of
// object in ThreadSanitizer's own reports.
DEADHEAT_EXPORT void* __tsan_external_register_tag(const char* objectType) {
  static char tags[1];
  return tags;
}
DEADHEAT_EXPORT void __tsan_external_register_header(void* tag, const char* header) {}
DEADHEAT_EXPORT void __tsan_external_assign_tag(void* object, void* tag) {}
DEADHEAT_EXPORT void __tsan_external_read(void* object, void* callerPc, void* tag) {
  if (Thread* self = currentThread()) memoryAccess(self, addressIn(callerPc), addressIn(object), 1, 0);
}
DEADHEAT_EXPORT void __tsan_external_write(void* object, void* callerPc, void* tag) {
  if (Thread* self = currentThread())
    memoryAccess(self, addressIn(callerPc), addressIn(object), 1, deadheat::protocol::kAccessWrite);
}
