// Mapping memory: fresh pages have no history, and pages that go away leave none.
#include <sys/mman.h>

#include "runtime/detect/fibers.h"
#include "runtime/detect/locks.h"
#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {
namespace {

/// True for what the kernel may do; it refuses all else.
bool canUnmap(const void* begin, std::size_t size) {
  constexpr Address kEnd = Address{1} << 47;
  return addressOf(begin) % 4096 == 0 && size != 0 && size < kEnd && addressOf(begin) < kEnd - size;
}

void mapped(Thread* self, Address pc, void* begin, std::size_t size) {
  memoryMapped(self, pc, addressOf(begin), size);
  if (scheduleControlled) scheduleMapped(addressOf(begin), size);
}

void forget(Thread* self, Address pc, void* begin, std::size_t size) {
  if (!canUnmap(begin, size)) return;
  locksForgotten(self, pc, addressOf(begin), size);
  fibersForgotten(addressOf(begin), size);
  memoryForgotten(addressOf(begin), size);
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void*, mmap, (void* wanted, std::size_t size, int protection, int flags, int file, long offset)) {
  void* begin = real_mmap(wanted, size, protection, flags, file, offset);
  if (Thread* self = currentThread(); begin != MAP_FAILED && self != nullptr)
    mapped(self, DEADHEAT_CALLER_PC, begin, size);
  return begin;
}

DEADHEAT_INTERCEPT(void*, mmap64, (void* wanted, std::size_t size, int protection, int flags, int file, long offset)) {
  void* begin = real_mmap64(wanted, size, protection, flags, file, offset);
  if (Thread* self = currentThread(); begin != MAP_FAILED && self != nullptr)
    mapped(self, DEADHEAT_CALLER_PC, begin, size);
  return begin;
}

DEADHEAT_INTERCEPT(int, munmap, (void* begin, std::size_t size)) {
  if (Thread* self = currentThread()) forget(self, DEADHEAT_CALLER_PC, begin, size);
  return real_munmap(begin, size);
}

DEADHEAT_INTERCEPT(void*, mremap,
                   (void* begin, std::size_t oldSize, std::size_t newSize, int flags, void* newBegin)) {
  if (Thread* self = currentThread()) forget(self, DEADHEAT_CALLER_PC, begin, oldSize);
  void* moved = real_mremap(begin, oldSize, newSize, flags, newBegin);
  if (moved != MAP_FAILED && currentThread() != nullptr) memoryForgotten(addressOf(moved), newSize);
  return moved;
}
