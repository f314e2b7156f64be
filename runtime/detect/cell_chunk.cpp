#include "runtime/detect/cell_chunk.h"

#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

constexpr unsigned kGroupShift = 12;
constexpr std::uint32_t kGroupChunks = 1u << kGroupShift;
constexpr std::uint32_t kGroups = 1u << (kChunkNumberBits - kGroupShift);

SpinLock lock;
CellChunk* groups[kGroups];
std::uint32_t used = 1;  // 0 is no chunk.
std::uint32_t firstFree;

}  // namespace

CellChunk& chunkAt(std::uint32_t number) {
  return __atomic_load_n(&groups[number >> kGroupShift], __ATOMIC_RELAXED)[number & (kGroupChunks - 1)];
}

std::uint32_t takeChunk() {
  SpinGuard guard(lock);
  if (firstFree != 0) {
    std::uint32_t number = firstFree;
    firstFree = chunkAt(number).next;
    chunkAt(number).next = 0;
    return number;
  }
  std::uint32_t number = used++;
  if (number >> kGroupShift >= kGroups) __builtin_trap();  // 4 GB of chunks: mapPages has long said "out of memory".
  CellChunk*& group = groups[number >> kGroupShift];
  if (group == nullptr)
    __atomic_store_n(&group, static_cast<CellChunk*>(mapPages(kGroupChunks * sizeof(CellChunk))), __ATOMIC_RELAXED);
  return number;
}

void giveChunks(std::uint32_t first) {
  std::uint32_t last = first;
  for (std::uint32_t number = first; number != 0; number = chunkAt(number).next) {
    CellChunk& chunk = chunkAt(number);
    for (Key& key : chunk.keys) __atomic_store_n(&key, 0, __ATOMIC_RELAXED);
    ++chunk.turns;
    last = number;
  }
  SpinGuard guard(lock);
  chunkAt(last).next = firstFree;
  firstFree = first;
}

SpinLock& chunkPoolLock() { return lock; }

}  // namespace deadheat::rt
