// An array that grows and never shrinks: what the runtime uses where a program would use a vector. Small ones share
// pages, which a run that is forked has to be given one by one; large ones have pages of their own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/platform/pages.h"

namespace deadheat::rt {

/// Elements are plain data; new ones from resize() are all-zero bytes. Constant-initialised, not synchronised. Growing
/// moves the elements; what they leave is given back if it was pages of their own.
template <class T>
class GrowingArray {
 public:
  constexpr GrowingArray() = default;

  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  const T* begin() const { return data_; }
  T* end() { return data_ + size_; }

  void clear() { size_ = 0; }
  T pop() { return data_[--size_]; }
  T& push(const T& value) {
    T copy = value;  // It may lie in the array that is about to move.
    if (size_ == capacity_) reserve(size_ + 1);
    return data_[size_++] = copy;
  }

  /// Only for growing an array whose new elements were never used: they are zero because fresh pages are.
  void resize(std::size_t size) {
    reserve(size);
    size_ = size;
  }

  void reserve(std::size_t wanted) {
    if (wanted <= capacity_) return;
    std::size_t capacity = capacity_ == 0 ? kFirst / sizeof(T) + 1 : capacity_ * 2;
    if (capacity < wanted) capacity = wanted;
    std::size_t unit = capacity * sizeof(T) < kOwnPages ? kLine : kPage;
    std::size_t bytes = (capacity * sizeof(T) + unit - 1) / unit * unit;
    T* moved = static_cast<T*>(bytes < kOwnPages ? allocateForever(bytes) : mapPages(bytes));
    for (std::size_t i = 0; i < size_; ++i) moved[i] = data_[i];
    free();
    data_ = moved;
    bytes_ = bytes;
    capacity_ = bytes / sizeof(T);
  }

  /// Gives pages of its own back and forgets the elements' place, not their number.
  void free() {
    if (bytes_ >= kOwnPages) unmapPages(data_, bytes_);
    data_ = nullptr;
    bytes_ = 0;
    capacity_ = 0;
  }

 private:
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kFirst = 512;  ///< Bytes at first.
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kOwnPages = 1 << 14;  ///< Bytes of those that have their own.

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace deadheat::rt
