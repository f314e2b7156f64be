#include "runtime/platform/pages.h"

#include <sys/mman.h>

#include "runtime/platform/own_ranges.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kChunk = 1 << 18;

SpinLock chunkLock;
char* chunk;
std::size_t chunkLeft;

/// Address space set aside at start, for when the program has used up all the rest.
constexpr std::size_t kReserve = std::size_t{32} << 30;
char* reserve;
std::size_t reserveUsed;

/// What was given out. A place is used again once its range was taken back.
struct OwnRange {
  std::uintptr_t begin;  ///< 0: free.
  std::size_t size;
};
constexpr std::size_t kMostOwnRanges = 8192;
OwnRange ownRanges[kMostOwnRanges];
std::size_t ownRangeCount;

void rememberOwn(void* begin, std::size_t bytes) {
  std::size_t at = __atomic_fetch_add(&ownRangeCount, 1, __ATOMIC_RELAXED);
  if (at >= kMostOwnRanges) return;
  ownRanges[at].size = bytes;
  __atomic_store_n(&ownRanges[at].begin, reinterpret_cast<std::uintptr_t>(begin), __ATOMIC_RELEASE);
}

void forgetOwn(void* begin) {
  for (std::size_t i = 0; i < kMostOwnRanges && i < ownRangeCount; ++i)
    if (ownRanges[i].begin == reinterpret_cast<std::uintptr_t>(begin)) ownRanges[i].begin = 0;
}

bool failed(long result) { return result < 0 && result > -4096; }

void* takeFromReserve(std::size_t bytes) {
  std::size_t at = __atomic_fetch_add(&reserveUsed, bytes, __ATOMIC_RELAXED);
  if (reserve == nullptr || at + bytes > kReserve) return nullptr;
  if (failed(rawSyscall(SYS_mprotect, reinterpret_cast<long>(reserve + at), static_cast<long>(bytes),
                        PROT_READ | PROT_WRITE)))
    return nullptr;
  return reserve + at;
}

[[noreturn]] void outOfMemory() {
  static constexpr char kMessage[] = "deadheat: out of memory for the runtime's own tables\n";
  rawSyscall(SYS_write, 2, reinterpret_cast<long>(kMessage), sizeof(kMessage) - 1);
  rawSyscall(SYS_exit_group, 1);
  __builtin_unreachable();
}

}  // namespace

SpinLock& pagesLock() { return chunkLock; }

void* mapPages(std::size_t bytes) {
  long address = rawSyscall(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  void* pages = failed(address) ? takeFromReserve(bytes) : reinterpret_cast<void*>(address);
  if (pages == nullptr) outOfMemory();
  rememberOwn(pages, bytes);
  return pages;
}

void reserveAddressSpace() {
  long address = rawSyscall(SYS_mmap, 0, static_cast<long>(kReserve), PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (!failed(address)) reserve = reinterpret_cast<char*>(address);
}

void unmapPages(void* begin, std::size_t bytes) {
  forgetOwn(begin);
  rawSyscall(SYS_munmap, reinterpret_cast<long>(begin), static_cast<long>(bytes));
}

bool forEachForeignPart(std::uintptr_t begin, std::uintptr_t end, void (*visit)(std::uintptr_t, std::uintptr_t, void*),
                        void* data) {
  if (ownRangeCount > kMostOwnRanges) return false;
  while (begin < end) {
    std::uintptr_t ownBegin = end, ownEnd = end;  // The first of ours that ends after `begin`.
    for (std::size_t i = 0; i < ownRangeCount; ++i) {
      const OwnRange& own = ownRanges[i];
      if (own.begin == 0 || own.begin + own.size <= begin || own.begin >= ownBegin) continue;
      ownBegin = own.begin;
      ownEnd = own.begin + own.size;
    }
    if (ownBegin > begin) visit(begin, ownBegin, data);
    begin = ownEnd;
  }
  return true;
}

/// What fills a cache line begins with one, lest two threads write to the same.
void* allocateForever(std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  bytes = (bytes + 15) & ~std::size_t{15};
  if (bytes >= kChunk / 4) return mapPages((bytes + 4095) & ~std::size_t{4095});
  SpinGuard guard(chunkLock);
  if (chunkLeft < bytes) {
    chunk = static_cast<char*>(mapPages(kChunk));
    chunkLeft = kChunk;
  }
  std::size_t skipped = bytes >= kLine ? chunkLeft % kLine : 0;  // A chunk ends with a line.
  if (skipped + bytes > chunkLeft) skipped = 0;
  void* block = chunk + skipped;
  chunk += skipped + bytes;
  chunkLeft -= skipped + bytes;
  return block;
}

}  // namespace deadheat::rt
