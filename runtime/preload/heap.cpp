// Memory that goes away takes its locks along: a lock met later at the same address is another one.
#include <malloc.h>
#include <sys/mman.h>

#include "runtime/detect/lock_table.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/allocation.h"
#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {
namespace {

/// A block can be larger than what is between it and the first lock, but not by more than this without being mapped.
constexpr std::size_t kFar = std::size_t{1} << 32;

/// True if there may be a lock in the block, or the caller holds one.
bool matters(const Thread* self, const void* block) {
  return self->locks.count != 0 || lock_table::mayHold(addressOf(block), addressOf(block) + kFar);
}

__thread bool resolving __attribute__((tls_model("initial-exec")));

/// False while the real function is looked up, for which the dynamic linker may free what it said of an earlier failure.
template <class Function>
bool ready(const Function& real) {
  if (__atomic_load_n(&real.function.address, __ATOMIC_RELAXED) != nullptr) return true;
  if (resolving) return false;
  resolving = true;
  bool exists = real.exists();
  resolving = false;
  return exists;
}

void freed(Address pc, void* block) {
  Thread* self = fastThread;
  if (self == nullptr || block == nullptr || !matters(self, block)) return;
  locksForgotten(self, pc, addressOf(block), malloc_usable_size(block));
}

}  // namespace

void freeKeptBlocks(Thread*) {}

}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void, free, (void* block)) {
  if (!ready(real_free)) return;  // A few bytes are lost.
  freed(addressOf(__builtin_return_address(0)), block);
  real_free(block);
}

/// A mutex that moved is no mutex, so it ends here whether or not the block stays.
DEADHEAT_INTERCEPT(void*, realloc, (void* block, std::size_t size)) {
  freed(addressOf(__builtin_return_address(0)), block);
  return real_realloc(block, size);
}

DEADHEAT_INTERCEPT(int, munmap, (void* begin, std::size_t size)) {
  Thread* self = fastThread;
  if (self != nullptr && size != 0 && addressOf(begin) + size > addressOf(begin))
    locksForgotten(self, addressOf(__builtin_return_address(0)), addressOf(begin), size);
  return real_munmap(begin, size);
}
