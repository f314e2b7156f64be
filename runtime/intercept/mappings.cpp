// Mapping memory: fresh pages have no history, and pages that go away leave none.
#include <sys/mman.h>

#include "runtime/detect/locks.h"
#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {
namespace {

void forget(Thread* self, Address pc, void* begin, std::size_t size) {
  locksForgotten(self, pc, addressOf(begin), size);
  memoryForgotten(addressOf(begin), size);
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void*, mmap, (void* wanted, std::size_t size, int protection, int flags, int file, long offset)) {
  void* begin = real_mmap(wanted, size, protection, flags, file, offset);
  if (begin != MAP_FAILED && currentThread() != nullptr) memoryForgotten(addressOf(begin), size);
  return begin;
}

DEADHEAT_INTERCEPT(void*, mmap64, (void* wanted, std::size_t size, int protection, int flags, int file, long offset)) {
  void* begin = real_mmap64(wanted, size, protection, flags, file, offset);
  if (begin != MAP_FAILED && currentThread() != nullptr) memoryForgotten(addressOf(begin), size);
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
