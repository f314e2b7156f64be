// Bounds-checked walk over the bytes of one record. Reading past the end sets `failed` and yields zeros, so a parser
// reads straight on and asks once.
#pragma once

#include <cstring>
#include <string>
#include <type_traits>

#include "llvm/ADT/StringRef.h"
#include "tool/symbols/recording.h"

namespace deadheat {

class RecordCursor {
 public:
  explicit RecordCursor(llvm::StringRef bytes) : rest_(bytes) {}

  template <typename T>
  T take() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (rest_.size() < sizeof(T)) {
      fail();
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_ = rest_.drop_front(sizeof(T));
    return value;
  }

  /// `count` program counters.
  RecordedStack takeCounters(std::uint32_t count) {
    RecordedStack stack;
    if (count > rest_.size() / sizeof(std::uint64_t)) {
      fail();
      return stack;
    }
    stack.counters.resize(count);
    if (count) std::memcpy(stack.counters.data(), rest_.data(), count * sizeof(std::uint64_t));
    rest_ = rest_.drop_front(count * sizeof(std::uint64_t));
    return stack;
  }

  RecordedStack takeStack() { return takeCounters(take<protocol::StackHeader>().size); }

  /// `size` bytes of text, up to a terminating zero.
  std::string takeText(std::uint32_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    llvm::StringRef text = rest_.take_front(size).split('\0').first;
    rest_ = rest_.drop_front(size);
    return text.str();
  }

  /// Whether `count` items of at least `itemSize` bytes can still follow; guards loops and allocations.
  bool room(std::uint64_t count, std::size_t itemSize) {
    if (count <= rest_.size() / itemSize) return true;
    fail();
    return false;
  }

  bool failed() const { return failed_; }

 private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  llvm::StringRef rest_;
  bool failed_ = false;
};

}  // namespace deadheat
