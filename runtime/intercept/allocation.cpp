// The malloc family. C++ operator new and delete live in libstdc++ and come here through malloc and free, so they need
// no interceptor of their own; callerPc() finds the code that said `new`.
//
// Freeing is a write to the whole block by the freeing thread, and the end of the locks in it. The shadow of a block is
// told before the real free, as another thread may be given the block right after. Who frees by `delete` is known as
// well, since libstdc++'s only jumps to free.
#include "runtime/intercept/allocation.h"

#include <malloc.h>

#include <cerrno>

#include "runtime/detect/fibers.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/misuse.h"
#include "runtime/detect/targeted.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/owners.h"

namespace deadheat::rt {

extern RealFunction realEntry_free;

namespace {

/// Blocks given out while the real malloc is being looked up, which may itself need some. Never given back.
constexpr std::size_t kEarlyBytes = 1 << 16;
alignas(16) char early[kEarlyBytes];
std::size_t earlyUsed;

bool isEarly(const void* block) { return block >= early && block < early + kEarlyBytes; }

void* earlyAllocate(std::size_t size) {
  std::size_t bytes = (size + 15) / 16 * 16 + 16;  // A header keeps the size, for realloc.
  std::size_t at = __atomic_fetch_add(&earlyUsed, bytes, __ATOMIC_RELAXED);
  if (at + bytes > kEarlyBytes) return nullptr;
  *reinterpret_cast<std::size_t*>(early + at) = size;
  return early + at + 16;
}

__thread bool resolving __attribute__((tls_model("initial-exec")));

/// True if the real functions can be called now.
template <class Function>
bool ready(const Function& real) {
  if (real.known()) [[likely]]
    return true;
  if (resolving) return false;
  resolving = true;
  bool exists = real.exists();
  resolving = false;
  return exists;
}

/// Whether the real functions are the C library's own, and not another allocator's that comes after us.
bool isCLibraryHeap() {
  static int known;  ///< 0: not yet, 1: no, 2: yes.
  int state = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (state == 0) {
    state = inCLibrary(addressOf(__atomic_load_n(&realEntry_free.address, __ATOMIC_RELAXED))) ? 2 : 1;
    __atomic_store_n(&known, state, __ATOMIC_RELAXED);
  }
  return state == 2;
}

/// What malloc_usable_size says. The C library keeps a block's size before it, with its own 8 or, if it mapped the
/// block alone, 16 bytes counted.
std::size_t usableSize(void* block) {
  if (!isCLibraryHeap()) return malloc_usable_size(block);
  std::size_t word = static_cast<const std::size_t*>(block)[-1];
  return (word & ~std::size_t{7}) - ((word & 2) != 0 ? 16 : 8);
}

/// The bytes between the size asked for and the size given lose their history too: freed() covers them.
void* allocated(Thread* self, Address pc, void* block, std::size_t size) {
  if (block == nullptr) return block;
  if (self->handlerDepth != 0 && inSignalHandler(self)) reportUnsafeInHandler(self, pc);
  memoryAllocated(self, pc, addressOf(block), size, usableSize(block));
  return block;
}

/// A block that the C library mapped for itself and will unmap; a bit of the size it keeps before the block tells.
bool isMapped(const void* block) {
  return isCLibraryHeap() && (static_cast<const std::size_t*>(block)[-1] & 2) != 0;
}

/// Neither the block's beginning nor its end says anything. Called where the program allocates.
inline bool untold(void* block) {
  if (!targetedBuild) [[likely]]
    return false;
  Thread* self = fastThread;
  return self != nullptr && self->handlerDepth == 0 && block != nullptr &&
         blockUntold(addressOf(block), usableSize(block));
}

/// By the code at `caller`, for which `pc` stands. Returns the block's size.
std::size_t freed(Thread* self, Address pc, Address caller, void* block) {
  if (self->handlerDepth != 0 && inSignalHandler(self)) reportUnsafeInHandler(self, pc);
  std::size_t size = usableSize(block);
  if (mayCountOwners(caller)) {
    memoryForgotten(addressOf(block), size);
    locksSettled(addressOf(block), size);
  }
  memoryFreed(self, pc, addressOf(block), size);
  locksForgotten(self, pc, addressOf(block), size);
  fibersForgotten(addressOf(block), size);
  if (isMapped(block)) memoryForgotten(addressOf(block), size);  // The pages may be anything next.
  return size;
}

/// Small blocks stay for a while, so that a use of them is seen before somebody else has them, and does no harm. Returns
/// what is to be freed now.
void* keepForAWhile(Thread* self, void* block, std::size_t size) {
  constexpr std::size_t kLargestKept = 1024;
  if (size > kLargestKept) return block;
  void*& place = self->keptBlocks[self->keptAt++ % Thread::kKeptBlocks];
  void* oldest = place;
  place = block;
  return oldest;
}

/// For what the runtime itself makes the C library allocate, whatever was there.
void* unseen(void* block) {
  if (runtimeUp && block != nullptr) memoryForgotten(addressOf(block), malloc_usable_size(block));
  return block;
}

/// Whose a new block is; null: nobody's. What the dynamic linker makes is guarded by a lock of its own, which is not seen,
/// and shown to the program under it (dl_iterate_phdr).
Thread* allocatingThread(Address caller) {
  if (fastThread != nullptr && surelyInProgram(caller)) return fastThread;
  Thread* self = ignoresCaller(caller) ? nullptr : currentThread();
  return self != nullptr && inDynamicLinker(caller) ? nullptr : self;
}

}  // namespace

}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void*, malloc, (std::size_t size)) {
  if (!ready(real_malloc)) return earlyAllocate(size);
  void* block = real_malloc(size);
  if (untold(block)) return block;
  Thread* self = allocatingThread(addressOf(__builtin_return_address(0)));
  return self == nullptr ? unseen(block) : allocated(self, DEADHEAT_CALLER_PC, block, size);
}

DEADHEAT_INTERCEPT(void*, calloc, (std::size_t count, std::size_t size)) {
  if (!ready(real_calloc)) return earlyAllocate(count * size);  // Zero from the start, and never used twice.
  void* block = real_calloc(count, size);
  if (untold(block)) return block;
  Thread* self = allocatingThread(addressOf(__builtin_return_address(0)));
  return self == nullptr ? unseen(block) : allocated(self, DEADHEAT_CALLER_PC, block, count * size);
}

DEADHEAT_INTERCEPT(void, free, (void* block)) {
  if (block == nullptr || isEarly(block)) return;
  if (untold(block)) return real_free(block);
  if (Thread* self = currentThread()) {
    Address caller = addressOf(__builtin_return_address(0));
    if (!surelyInProgram(caller) && (inCLibrary(caller) || ignoresCaller(caller))) {
      memoryForgotten(addressOf(block), malloc_usable_size(block));  // Under locks of its own, which are not seen.
    } else {
      std::size_t size = freed(self, DEADHEAT_CALLER_PC, caller, block);
      block = keepForAWhile(self, block, size);
    }
  }
  if (block != nullptr) real_free(block);
}

/// The block may move, or not, or stay when there is no memory; all three are an end and a beginning.
DEADHEAT_INTERCEPT(void*, realloc, (void* block, std::size_t size)) {
  if (isEarly(block)) {
    std::size_t old = static_cast<std::size_t*>(block)[-2];
    auto* moved = static_cast<char*>(real_malloc(size));
    for (std::size_t i = 0; moved != nullptr && i < old && i < size; ++i) moved[i] = static_cast<char*>(block)[i];
    return moved;
  }
  Thread* self = currentThread();
  if (self == nullptr) return real_realloc(block, size);
  Address pc = DEADHEAT_CALLER_PC;
  std::size_t old = block != nullptr ? malloc_usable_size(block) : 0;
  if (block != nullptr) freed(self, pc, addressOf(__builtin_return_address(0)), block);
  void* moved = real_realloc(block, size);
  if (moved == nullptr && size != 0) allocated(self, pc, block, old);
  return allocated(self, pc, moved, size);
}

DEADHEAT_INTERCEPT(void*, reallocarray, (void* block, std::size_t count, std::size_t size)) {
  std::size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  Thread* self = currentThread();
  if (self == nullptr) return real_reallocarray(block, count, size);
  Address pc = DEADHEAT_CALLER_PC;
  std::size_t old = block != nullptr ? malloc_usable_size(block) : 0;
  if (block != nullptr) freed(self, pc, addressOf(__builtin_return_address(0)), block);
  void* moved = real_reallocarray(block, count, size);
  if (moved == nullptr && bytes != 0) allocated(self, pc, block, old);
  return allocated(self, pc, moved, bytes);
}

DEADHEAT_INTERCEPT(int, posix_memalign, (void** block, std::size_t alignment, std::size_t size)) {
  int result = real_posix_memalign(block, alignment, size);
  Thread* self = currentThread();
  if (result == 0 && self != nullptr) allocated(self, DEADHEAT_CALLER_PC, *block, size);
  return result;
}

DEADHEAT_INTERCEPT(void*, aligned_alloc, (std::size_t alignment, std::size_t size)) {
  void* block = real_aligned_alloc(alignment, size);
  Thread* self = ignoresCaller(addressOf(__builtin_return_address(0))) ? nullptr : currentThread();
  return self == nullptr ? unseen(block) : allocated(self, DEADHEAT_CALLER_PC, block, size);
}

DEADHEAT_INTERCEPT(void*, memalign, (std::size_t alignment, std::size_t size)) {
  void* block = real_memalign(alignment, size);
  Thread* self = ignoresCaller(addressOf(__builtin_return_address(0))) ? nullptr : currentThread();
  return self == nullptr ? unseen(block) : allocated(self, DEADHEAT_CALLER_PC, block, size);
}

DEADHEAT_INTERCEPT(void*, valloc, (std::size_t size)) {
  void* block = real_valloc(size);
  Thread* self = ignoresCaller(addressOf(__builtin_return_address(0))) ? nullptr : currentThread();
  return self == nullptr ? unseen(block) : allocated(self, DEADHEAT_CALLER_PC, block, size);
}

DEADHEAT_INTERCEPT(void*, pvalloc, (std::size_t size)) {
  void* block = real_pvalloc(size);
  Thread* self = ignoresCaller(addressOf(__builtin_return_address(0))) ? nullptr : currentThread();
  return self == nullptr ? unseen(block) : allocated(self, DEADHEAT_CALLER_PC, block, size);
}

namespace deadheat::rt {

void freeKeptBlocks(Thread* self) {
  for (void*& block : self->keptBlocks) {
    if (block != nullptr) real_free(block);
    block = nullptr;
  }
}

}  // namespace deadheat::rt
