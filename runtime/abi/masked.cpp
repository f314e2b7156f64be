// Vector accesses under a mask, which only our pass plugin tells of (plugin/wide_accesses.cpp): one call an instruction.
#include "runtime/abi/export.h"
#include "runtime/protocol.h"

using namespace deadheat::rt;

namespace {

/// Lane i, at `begin` + i * `size`, is accessed if bit i of `mask` is set. Neighbours are told together.
inline __attribute__((always_inline)) void lanes(const void* begin, std::uint64_t mask, std::size_t size,
                                                 std::uint32_t flags, Address pc) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  for (std::size_t lane = 0; mask >> lane != 0;) {
    lane += static_cast<std::size_t>(__builtin_ctzll(mask >> lane));
    std::size_t count = mask >> lane == ~std::uint64_t{0} ? 64 : static_cast<std::size_t>(__builtin_ctzll(~(mask >> lane)));
    memoryAccess(self, pc, addressIn(begin) + lane * size, count * size, flags | deadheat::protocol::kAccessRange);
    lane += count;
    if (lane == 64) return;
  }
}

}  // namespace

DEADHEAT_EXPORT void __deadheat_masked_read(const void* begin, std::uint64_t mask, std::size_t size) {
  lanes(begin, mask, size, 0, DEADHEAT_PC);
}
DEADHEAT_EXPORT void __deadheat_masked_write(const void* begin, std::uint64_t mask, std::size_t size) {
  lanes(begin, mask, size, deadheat::protocol::kAccessWrite, DEADHEAT_PC);
}
