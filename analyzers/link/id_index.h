// IdIndex: finds the number of an interned thing by its hash. The things live elsewhere; the index keeps eight bytes
// each, in one flat table, because link interns tens of millions of them and a tree of nodes costs ten times that.
#pragma once

#include <cstdint>
#include <vector>

namespace deadheat {

/// Open addressing with linear probing. Hashes are cut to 32 bits; equality is the caller's.
class IdIndex {
 public:
  /// The known id for which `isSame(id)` holds among those of this hash; else adds and returns `fresh`.
  template <typename IsSame>
  std::uint32_t findOrAdd(std::uint64_t hash, std::uint32_t fresh, IsSame isSame) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    const std::uint32_t tag = fold(hash);
    for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
      Slot& slot = slots_[at];
      if (slot.id == kFree) {
        slot = {fresh, tag};
        ++used_;
        return fresh;
      }
      if (slot.tag == tag && isSame(slot.id)) return slot.id;
    }
  }
  void clear() {
    slots_.clear();
    used_ = 0;
  }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  struct Slot {
    std::uint32_t id = kFree;
    std::uint32_t tag = 0;
  };

  static std::uint32_t fold(std::uint64_t hash) {
    hash *= 0x9e3779b97f4a7c15u;
    return static_cast<std::uint32_t>(hash >> 32);
  }
  std::size_t mask() const { return slots_.size() - 1; }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.id == kFree) continue;
      std::size_t at = slot.tag & mask();
      while (slots_[at].id != kFree) at = (at + 1) & mask();
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

/// Mixes `value` into a running hash.
constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9ddfea08eb382d69u;
  return hash ^ (hash >> 47);
}

}  // namespace deadheat
