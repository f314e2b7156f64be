// Where a granule keeps the cells that do not fit in line. Nothing is ever evicted, so a granule that many threads read
// has a cell for each.
#pragma once

#include "runtime/detect/shadow_cell.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// A cache line.
struct CellChunk {
  static constexpr int kCells = 3;

  Key keys[kCells];
  std::uint32_t next;   ///< Number of the next chunk of the granule, 0: none.
  std::uint32_t turns;  ///< How often it was given back.
  StackWord stacks[kCells];
  std::uint64_t unused;
};
static_assert(sizeof(CellChunk) == 64);

/// An empty chunk. Its memory stays a chunk for ever, so reading one that was just given back is safe.
std::uint32_t takeChunk();
/// Gives the whole list back. Keys are zeroed first.
void giveChunks(std::uint32_t first);
CellChunk& chunkAt(std::uint32_t number);

inline constexpr unsigned kChunkNumberBits = 26;

/// The key that stands in a granule's second cell for a list of chunks: its number, and its turns, so that a chunk that
/// was given away meanwhile is not taken for the same.
inline Key chunkKey(std::uint32_t number) {
  return makeKey(kChunkSlot, std::uint64_t{chunkAt(number).turns & 0x7f} << kChunkNumberBits | number);
}
constexpr bool isChunks(Key key) { return slotOf(key) == kChunkSlot; }
constexpr std::uint32_t chunkNumber(Key key) {
  return static_cast<std::uint32_t>(epochOf(key)) & ((1u << kChunkNumberBits) - 1);
}

/// For fork.
SpinLock& chunkPoolLock();

}  // namespace deadheat::rt
