// Where a granule keeps the cells that do not fit in line. Nothing is ever evicted, so a granule that many threads read
// has a cell for each.
#pragma once

#include <cstddef>

#include "runtime/detect/shadow_cell.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// A cache line.
struct CellChunk {
  static constexpr int kCells = 3;

  Key keys[kCells];  ///< 0: no cell.
  StackWord stacks[kCells];
  std::uint32_t next;      ///< Number of the next chunk of the granule, 0: none.
  std::uint32_t nextIdle;  ///< Of those that are in no list.
  std::uint64_t unused;
};
static_assert(sizeof(CellChunk) == 64);

/// Chunks are told apart by number; 0 is none.
inline constexpr unsigned kChunkNumberBits = 26;

/// An empty chunk. Its memory stays a chunk for ever, so reading one that was just given back is safe.
std::uint32_t takeChunk();
/// Gives back a chunk without cells.
void giveChunk(std::uint32_t number);
/// The calling thread keeps a few of those it gave back for itself. It ends.
void giveStashBack();

inline constexpr unsigned kChunkGroupShift = 12;
/// By number over 2^kChunkGroupShift.
extern CellChunk* chunkGroups[std::size_t{1} << (kChunkNumberBits - kChunkGroupShift)];
inline CellChunk& chunkAt(std::uint32_t number) {
  constexpr std::uint32_t kMask = (1u << kChunkGroupShift) - 1;
  return __atomic_load_n(&chunkGroups[number >> kChunkGroupShift], __ATOMIC_RELAXED)[number & kMask];
}

/// For fork.
SpinLock& chunkPoolLock();

}  // namespace deadheat::rt
