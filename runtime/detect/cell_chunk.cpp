#include "runtime/detect/cell_chunk.h"

#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kGroupChunks = 1u << kChunkGroupShift;

constexpr std::uint32_t kStashed = 16;

/// What one thread gave back last, for itself.
struct Stash {
  std::uint32_t count;
  std::uint32_t numbers[kStashed];
};
__thread Stash stash;

SpinLock lock;
std::uint32_t used = 1;  // 0 is no chunk.
std::uint32_t firstFree;

}  // namespace

CellChunk* chunkGroups[std::size_t{1} << (kChunkNumberBits - kChunkGroupShift)];

std::uint32_t takeChunk() {
  if (stash.count != 0) return stash.numbers[--stash.count];
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
  if (stash.count != kStashed) {
    stash.numbers[stash.count++] = number;
    return;
  }
  SpinGuard guard(lock);
  chunkAt(number).nextIdle = firstFree;
  firstFree = number;
}

void giveStashBack() {
  SpinGuard guard(lock);
  while (stash.count != 0) {
    std::uint32_t number = stash.numbers[--stash.count];
    chunkAt(number).nextIdle = firstFree;
    firstFree = number;
  }
}

SpinLock& chunkPoolLock() { return lock; }

}  // namespace deadheat::rt
