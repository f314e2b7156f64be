// Accesses that programs make through <sanitizer/common_interface_defs.h> where they know them to be unaligned.
#include "runtime/abi/export.h"
#include "runtime/protocol.h"

using namespace deadheat::rt;

namespace {

template <class T>
T loadUnaligned(const void* from, Address pc) {
  if (Thread* self = currentThread()) memoryAccess(self, pc, addressIn(from), sizeof(T), 0);
  T value;
  __builtin_memcpy_inline(&value, from, sizeof(T));
  return value;
}

template <class T>
void storeUnaligned(void* to, T value, Address pc) {
  if (Thread* self = currentThread()) memoryAccess(self, pc, addressIn(to), sizeof(T), deadheat::protocol::kAccessWrite);
  __builtin_memcpy_inline(to, &value, sizeof(T));
}

}  // namespace

#define DEADHEAT_UNALIGNED(bits)                                                                     \
  DEADHEAT_EXPORT std::uint##bits##_t __sanitizer_unaligned_load##bits(const void* from) {           \
    return loadUnaligned<std::uint##bits##_t>(from, DEADHEAT_PC);                                    \
  }                                                                                                  \
  DEADHEAT_EXPORT void __sanitizer_unaligned_store##bits(void* to, std::uint##bits##_t value) {      \
    storeUnaligned(to, value, DEADHEAT_PC);                                                          \
  }

DEADHEAT_UNALIGNED(16)
DEADHEAT_UNALIGNED(32)
DEADHEAT_UNALIGNED(64)
