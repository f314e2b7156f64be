#include "runtime/platform/pages.h"

#include <sys/mman.h>

#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kChunk = 1 << 18;

SpinLock chunkLock;
char* chunk;
std::size_t chunkLeft;

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
  if (address < 0 && address > -4096) outOfMemory();
  return reinterpret_cast<void*>(address);
}

void unmapPages(void* begin, std::size_t bytes) {
  rawSyscall(SYS_munmap, reinterpret_cast<long>(begin), static_cast<long>(bytes));
}

void* allocateForever(std::size_t bytes) {
  bytes = (bytes + 15) & ~std::size_t{15};
  if (bytes >= kChunk / 4) return mapPages((bytes + 4095) & ~std::size_t{4095});
  SpinGuard guard(chunkLock);
  if (chunkLeft < bytes) {
    chunk = static_cast<char*>(mapPages(kChunk));
    chunkLeft = kChunk;
  }
  void* block = chunk;
  chunk += bytes;
  chunkLeft -= bytes;
  return block;
}

}  // namespace deadheat::rt
