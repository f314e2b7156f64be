#include "runtime/detect/clock.h"

#include "runtime/platform/pages.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {
namespace {

// Entries come in powers of two from kSmallest; each size has a list of blocks given back.
constexpr std::uint32_t kSmallest = 8;
constexpr unsigned kSizes = 16;

struct FreeBlock {
  FreeBlock* next;
};

SpinLock poolLock;
FreeBlock* freeBlocks[kSizes];

unsigned sizeIndex(std::uint32_t capacity) { return static_cast<unsigned>(__builtin_ctz(capacity / kSmallest)); }

Epoch* takeBlock(std::uint32_t capacity) {
  unsigned index = sizeIndex(capacity);
  {
    SpinGuard guard(poolLock);
    if (FreeBlock* block = freeBlocks[index]) {
      freeBlocks[index] = block->next;
      return reinterpret_cast<Epoch*>(block);
    }
  }
  return static_cast<Epoch*>(allocateForever(capacity * sizeof(Epoch)));
}

void giveBlock(Epoch* entries, std::uint32_t capacity) {
  SpinGuard guard(poolLock);
  auto* block = reinterpret_cast<FreeBlock*>(entries);
  block->next = freeBlocks[sizeIndex(capacity)];
  freeBlocks[sizeIndex(capacity)] = block;
}

}  // namespace

SpinLock& clockPoolLock() { return poolLock; }

void Clock::join(const Clock& other) {
  if (other.size_ > size_) grow(other.size_);
  for (std::uint32_t i = 0; i < other.size_; ++i)
    if (other.entries_[i] > entries_[i]) entries_[i] = other.entries_[i];
}

void Clock::assign(const Clock& other) {
  if (this == &other) return;
  size_ = 0;
  if (other.size_ > capacity_) grow(other.size_);
  size_ = other.size_;
  for (std::uint32_t i = 0; i < size_; ++i) entries_[i] = other.entries_[i];
}

void Clock::release() {
  if (entries_ != nullptr) giveBlock(entries_, capacity_);
  entries_ = nullptr;
  size_ = 0;
  capacity_ = 0;
}

/// New entries are 0.
void Clock::grow(std::uint32_t size) {
  if (size > capacity_) {
    std::uint32_t capacity = capacity_ == 0 ? kSmallest : capacity_;
    while (capacity < size) capacity *= 2;
    Epoch* entries = takeBlock(capacity);
    for (std::uint32_t i = 0; i < size_; ++i) entries[i] = entries_[i];
    if (entries_ != nullptr) giveBlock(entries_, capacity_);
    entries_ = entries;
    capacity_ = capacity;
  }
  for (std::uint32_t i = size_; i < size; ++i) entries_[i] = 0;
  size_ = size;
}

}  // namespace deadheat::rt
