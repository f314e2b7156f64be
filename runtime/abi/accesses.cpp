// Plain memory accesses, as compilers announce them: before the access, by size.
//
// Names without "unaligned" do not cross 8 bytes, except 16, which fills two granules. gcc announces odd sizes and
// structs as ranges. What compilers emit only on request (volatile, read_write) is here too, so that every object
// links.
#include "runtime/abi/export.h"
#include "runtime/detect/fast_state.h"
#include "runtime/detect/shadow.h"

namespace deadheat::rt {
namespace {

/// No fast thread: before the runtime is up, inside it, or with a plan.
__attribute__((noinline)) void accessUnusual(Address begin, std::size_t size, std::uint32_t flags, Address pc) {
  if (Thread* self = currentThread()) memoryAccess(self, pc, begin, size, flags);
}

/// 16 bytes, not both halves of which the first cells say as much of.
template <bool kWrite>
__attribute__((noinline)) void pairMissed(Thread* self, Address begin, Address offset, Address pc) {
  constexpr unsigned kIgnored = kWrite ? kWriteIgnored : kReadIgnored;
  if (offset == 0 || (begin & (kGranuleBytes - 1)) != 0 || *regionEntry(begin + kGranuleBytes) != offset) [[unlikely]]
    return checkAccess(self, pc, begin, 2 * kGranuleBytes, kWrite ? protocol::kAccessWrite : 0);
  Key fresh = self->epochKey | kKeyMask | (kWrite ? kKeyWrite : 0);
  for (Address half = begin; half <= begin + kGranuleBytes; half += kGranuleBytes) {
    GranuleRef granule(reinterpret_cast<Key*>(half + offset));
    Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
    if ((first ^ fresh) << kIgnored == 0) continue;
    if ((first & kKeyMore) != 0 && (__atomic_load_n(granule.key(1), __ATOMIC_RELAXED) ^ fresh) << kIgnored == 0)
      continue;
    plainMissed<kGranuleBytes, kWrite>(self, half, offset, pc);
  }
}

/// Beyond a granule also by a pointer cast to a type it is not aligned for.
template <std::size_t kSize>
inline bool crosses(Address begin) {
  return (begin & (kGranuleBytes - 1)) > kGranuleBytes - kSize;
}

/// Whatever is not settled here goes on by a jump.
template <std::size_t kSize, std::uint32_t kFlags>
inline __attribute__((always_inline)) void aligned(const void* pointer, Address pc) {
  constexpr bool kWrite = (kFlags & protocol::kAccessWrite) != 0;
  Address begin = addressIn(pointer);
  if (seenFirst<kSize, kWrite>(begin)) return;
  Thread* self = fastThread;
  if (self == nullptr) [[unlikely]]
    return accessUnusual(begin, kSize, kFlags, pc);
  if constexpr (kSize > kGranuleBytes) return pairMissed<kWrite>(self, begin, *regionEntry(begin), pc);
  if (crosses<kSize>(begin)) [[unlikely]] return checkAccess(self, pc, begin, kSize, kFlags);
  if constexpr ((kFlags & protocol::kAccessVptr) == 0 && kSize <= kGranuleBytes)
    plainMissed<kSize, kWrite>(self, begin, *regionEntry(begin), pc);
  else
    accessMissed(self, begin, self->epochKey | keyBitsOf(kFlags) | bytesMask(begin, kSize), pc);
}

/// Of code that has the check in line, which said no.
template <std::size_t kSize, std::uint32_t kFlags>
inline __attribute__((always_inline)) void checkedInLine(const void* pointer, Address offset, Address pc) {
  Address begin = addressIn(pointer);
  Thread* self = fastThread;
  if (self == nullptr) [[unlikely]]
    return accessUnusual(begin, kSize, kFlags, pc);
  if constexpr (kSize > kGranuleBytes)
    pairMissed<(kFlags & protocol::kAccessWrite) != 0>(self, begin, offset, pc);
  else if (crosses<kSize>(begin)) [[unlikely]]
    checkAccess(self, pc, begin, kSize, kFlags);
  else
    plainMissed<kSize, (kFlags & protocol::kAccessWrite) != 0>(self, begin, offset, pc);
}

template <std::size_t kSize, std::uint32_t kFlags>
inline __attribute__((always_inline)) void unaligned(const void* pointer, Address pc) {
  Address begin = addressIn(pointer);
  if (kSize <= kGranuleBytes && !crosses<kSize>(begin) && seenFirst<kSize, (kFlags & protocol::kAccessWrite) != 0>(begin))
    return;
  Thread* self = fastThread;
  if (self == nullptr) [[unlikely]]
    return accessUnusual(begin, kSize, kFlags, pc);
  if constexpr (kSize > kGranuleBytes)
    pairMissed<(kFlags & protocol::kAccessWrite) != 0>(self, begin, *regionEntry(begin), pc);
  else if (!crosses<kSize>(begin))
    accessMissed(self, begin, self->epochKey | keyBitsOf(kFlags) | bytesMask(begin, kSize), pc);
  else
    checkAccess(self, pc, begin, kSize, kFlags);
}

inline void range(const void* pointer, std::size_t size, std::uint32_t flags, Address pc) {
  accessUnusual(addressIn(pointer), size, flags | protocol::kAccessRange, pc);
}

constexpr std::uint32_t kRead = 0;
constexpr std::uint32_t kWrite = protocol::kAccessWrite;

}  // namespace
}  // namespace deadheat::rt

using namespace deadheat::rt;

#define DEADHEAT_ALIGNED(size)                                                                                 \
  DEADHEAT_EXPORT void __tsan_read##size(void* p) { aligned<size, kRead>(p, DEADHEAT_PC); }                    \
  DEADHEAT_EXPORT void __tsan_write##size(void* p) { aligned<size, kWrite>(p, DEADHEAT_PC); }                  \
  DEADHEAT_EXPORT void __tsan_read##size##_pc(void* p, void* pc) { aligned<size, kRead>(p, addressIn(pc)); }   \
  DEADHEAT_EXPORT void __tsan_write##size##_pc(void* p, void* pc) { aligned<size, kWrite>(p, addressIn(pc)); } \
  DEADHEAT_EXPORT void __tsan_read_write##size(void* p) { aligned<size, kWrite>(p, DEADHEAT_PC); }             \
  DEADHEAT_EXPORT void __tsan_volatile_read##size(void* p) { aligned<size, kRead>(p, DEADHEAT_PC); }           \
  DEADHEAT_EXPORT void __tsan_volatile_write##size(void* p) { aligned<size, kWrite>(p, DEADHEAT_PC); }

#define DEADHEAT_UNALIGNED(size)                                                                                 \
  DEADHEAT_EXPORT void __tsan_unaligned_read##size(void* p) { unaligned<size, kRead>(p, DEADHEAT_PC); }          \
  DEADHEAT_EXPORT void __tsan_unaligned_write##size(void* p) { unaligned<size, kWrite>(p, DEADHEAT_PC); }        \
  DEADHEAT_EXPORT void __tsan_unaligned_read_write##size(void* p) { unaligned<size, kWrite>(p, DEADHEAT_PC); }   \
  DEADHEAT_EXPORT void __tsan_unaligned_volatile_read##size(void* p) { unaligned<size, kRead>(p, DEADHEAT_PC); } \
  DEADHEAT_EXPORT void __tsan_unaligned_volatile_write##size(void* p) { unaligned<size, kWrite>(p, DEADHEAT_PC); }

#define DEADHEAT_CHECKED(size)                                           \
  DEADHEAT_EXPORT void __deadheat_read##size(void* p, Address offset) {  \
    checkedInLine<size, kRead>(p, offset, DEADHEAT_PC);                  \
  }                                                                      \
  DEADHEAT_EXPORT void __deadheat_write##size(void* p, Address offset) { \
    checkedInLine<size, kWrite>(p, offset, DEADHEAT_PC);                 \
  }
DEADHEAT_CHECKED(1)
DEADHEAT_CHECKED(2)
DEADHEAT_CHECKED(4)
DEADHEAT_CHECKED(8)
DEADHEAT_CHECKED(16)

#define DEADHEAT_EACH_SIZE(macro) macro(1) macro(2) macro(4) macro(8) macro(16)

DEADHEAT_EACH_SIZE(DEADHEAT_ALIGNED)
DEADHEAT_EACH_SIZE(DEADHEAT_UNALIGNED)

DEADHEAT_EXPORT void __tsan_read_range(void* p, std::size_t size) { range(p, size, kRead, DEADHEAT_PC); }
DEADHEAT_EXPORT void __tsan_write_range(void* p, std::size_t size) { range(p, size, kWrite, DEADHEAT_PC); }
DEADHEAT_EXPORT void __tsan_read_range_pc(void* p, std::size_t size, void* pc) { range(p, size, kRead, addressIn(pc)); }
DEADHEAT_EXPORT void __tsan_write_range_pc(void* p, std::size_t size, void* pc) {
  range(p, size, kWrite, addressIn(pc));
}

// Of loops that code in line looked at as a whole.
DEADHEAT_EXPORT void __deadheat_range_read(void* p, std::size_t size) { range(p, size, kRead, DEADHEAT_PC); }
DEADHEAT_EXPORT void __deadheat_range_write(void* p, std::size_t size) { range(p, size, kWrite, DEADHEAT_PC); }

/// Constructors and destructors store the vptr of their own class; storing the same again changes nothing.
DEADHEAT_EXPORT void __tsan_vptr_update(void** p, void* value) {
  if (*p != value) aligned<8, kWrite | deadheat::protocol::kAccessVptr>(p, DEADHEAT_PC);
}
DEADHEAT_EXPORT void __tsan_vptr_read(void** p) { aligned<8, kRead | deadheat::protocol::kAccessVptr>(p, DEADHEAT_PC); }

// The compiler's memcpy and memmove are the intercepted ones; a jump keeps the caller's return address.
__asm__(
    ".globl __tsan_memcpy\n.type __tsan_memcpy, @function\n__tsan_memcpy: jmp memcpy@PLT\n"
    ".globl __tsan_memmove\n.type __tsan_memmove, @function\n__tsan_memmove: jmp memmove@PLT\n"
    ".globl __tsan_memset\n.type __tsan_memset, @function\n__tsan_memset: jmp memset@PLT\n");
