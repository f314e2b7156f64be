#include "runtime/detect/cell_chunk.h"

#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kGroupChunks = 1u << kChunkGroupShift;

SpinLock lock;
std::uint32_t used = 1;  // 0 is no chunk.
std::uint32_t firstFree;

}  // namespace

CellChunk* chunkGroups[std::size_t{1} << (kChunkNumberBits - kChunkGroupShift)];

std::uint32_t takeChunk() {
  SpinGuard guard(lock);
  if (firstFree != 0) {
    std::uint32_t number = firstFree;
    firstFree = chunkAt(number).nextIdle;
    return number;
  }
  std::uint32_t number = used++;
  if (number >> kChunkNumberBits != 0) __builtin_trap();  // 4 GB of chunks: mapPages has long said "out of memory".
  CellChunk*& group = chunkGroups[number >> kChunkGroupShift];
  if (group == nullptr)
    __atomic_store_n(&group, static_cast<CellChunk*>(mapPages(kGroupChunks * sizeof(CellChunk))), __ATOMIC_RELAXED);
  return number;
}

void giveChunk(std::uint32_t number) {
  SpinGuard guard(lock);
  chunkAt(number).nextIdle = firstFree;
  firstFree = number;
}

SpinLock& chunkPoolLock() { return lock; }

}  // namespace deadheat::rt
