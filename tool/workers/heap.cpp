#include "tool/workers/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstdlib>

namespace deadheat {
namespace {

/// Address space at the end of the heap that is to lie in large pages.
constexpr int kRoom = 1 << 30;
constexpr int kGrowBy = 8 << 20;
constexpr int kMostMapping = 32 << 20;  ///< The most that the C library allows for M_MMAP_THRESHOLD.
constexpr std::uintptr_t kLargePage = 2 << 20;

/// Makes the heap `kRoom` longer; returns where that begins.
char* lengthenHeap() {
  char* begin = static_cast<char*>(sbrk(0));
  mallopt(M_TOP_PAD, kRoom);
  void* volatile block = std::malloc(kMostMapping / 2);  // volatile: not to be optimised away
  std::free(block);
  mallopt(M_TOP_PAD, kGrowBy);
  return begin;
}

}  // namespace

void keepHeap() {
  mallopt(M_ARENA_MAX, 1);  // threads that come and go have no heaps that go with them
  mallopt(M_MMAP_THRESHOLD, kMostMapping);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  const auto begin = reinterpret_cast<std::uintptr_t>(lengthenHeap());
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
  const std::uintptr_t first = (begin + kLargePage - 1) & ~(kLargePage - 1);
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace deadheat
