// Plain structs <-> compact bytes: what the facts archive and the cache's entries are written with.
//
// A type takes part with one function in its own namespace that names its members in order:
//
//   template <class A> void describe(A& a, Location& x) { a(x.file, x.line, x.column); }
//
// The same function writes and reads, so the two cannot disagree. Layout: a table of all strings, in order of first
// use, then the members with strings as indices into it. Integers are LEB128; enumerations are one byte; a sequence is
// its length, then its elements; a variant is the alternative's index, then the alternative.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "llvm/ADT/StringMap.h"

namespace deadheat {

/// Whether the compiler knows a name for the enumerator `value`.
template <auto value>
consteval bool isEnumerator() {
  // "… value = deadheat::LockMode::Shared]" if it has a name, "… value = (deadheat::LockMode)7]" if not.
  std::string_view text = __PRETTY_FUNCTION__;
  return text[text.find("value = ") + 8] != '(';
}

/// How many enumerators `E` has; they count from 0 without gaps.
template <class E, unsigned count = 0>
consteval unsigned enumeratorCount() {
  if constexpr (isEnumerator<static_cast<E>(count)>()) return enumeratorCount<E, count + 1>();
  return count;
}

/// Encodes values in the order given.
class Encoder {
 public:
  template <class... T>
  void operator()(T&... values) {
    (write(values), ...);
  }

  /// All that was written. Linear in its size.
  std::string bytes() const {
    std::string bytes;
    append(bytes, order_.size());
    for (const auto* entry : order_) {
      append(bytes, entry->getKeyLength());
      bytes.append(entry->getKeyData(), entry->getKeyLength());
    }
    return bytes + body_;
  }

 private:
  static void append(std::string& bytes, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
    bytes.push_back(static_cast<char>(value));
  }
  void write(std::string& text) {
    auto [entry, added] = strings_.try_emplace(text, order_.size());
    if (added) order_.push_back(&*entry);
    append(body_, entry->second);
  }
  void write(std::unsigned_integral auto& value) { append(body_, value); }
  template <class T>
  void write(std::vector<T>& values) {
    append(body_, values.size());
    for (T& value : values) write(value);
  }
  template <class T>
  void write(std::optional<T>& value) {
    append(body_, value.has_value());
    if (value) write(*value);
  }
  template <class... T>
  void write(std::variant<T...>& value) {
    append(body_, value.index());
    std::visit([this](auto& alternative) { describe(*this, alternative); }, value);
  }
  template <class T>
  void write(T& value) {
    if constexpr (std::is_enum_v<T>) {
      static_assert(sizeof(T) == 1, "enumerations are one byte");
      body_.push_back(static_cast<char>(value));
    } else {
      describe(*this, value);
    }
  }

  std::string body_;
  llvm::StringMap<std::size_t> strings_;
  std::vector<const llvm::StringMapEntry<std::size_t>*> order_;
};

/// Decodes what Encoder encoded, from any bytes: never reads past the end, never allocates more than a small multiple of
/// them. After the first error every read gives zeros; ask ok() at the end.
class Decoder {
 public:
  explicit Decoder(llvm::StringRef bytes) : at_(bytes.bytes_begin()), end_(bytes.bytes_end()) { readStrings(); }

  template <class... T>
  void operator()(T&... values) {
    (read(values), ...);
  }
  /// Nothing was wrong and nothing is left.
  bool ok() const { return ok_ && at_ == end_; }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  void fail() {
    ok_ = false;
    at_ = end_;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const std::uint64_t digits = *at_ & 0x7f;
      if (digits << shift >> shift != digits) break;
      value |= digits << shift;
      if (*at_++ < 0x80) return value;
    }
    return fail(), 0;  // cut short, or more than 64 bits
  }
  /// A length that the rest of the input can hold, each element taking at least a byte.
  std::size_t length() {
    std::uint64_t size = number();
    if (size > left()) return fail(), 0;
    return size;
  }
  void readStrings() {
    std::size_t count = length();
    strings_.reserve(count);
    for (std::size_t i = 0; i < count && ok_; ++i) {
      std::size_t size = length();
      strings_.emplace_back(reinterpret_cast<const char*>(at_), size);
      at_ += size;
    }
  }
  void read(std::string& text) {
    std::uint64_t index = number();
    if (index >= strings_.size()) return fail();
    text = strings_[index];
  }
  void read(bool& value) {
    std::uint64_t wide = number();
    if (wide > 1) return fail();
    value = wide == 1;
  }
  template <std::unsigned_integral T>
  void read(T& value) {
    std::uint64_t wide = number();
    value = static_cast<T>(wide);
    if (value != wide) fail();
  }
  template <class T>
  void read(std::vector<T>& values) {
    std::size_t count = length();
    for (std::size_t i = 0; i < count && ok_; ++i) read(values.emplace_back());
  }
  template <class T>
  void read(std::optional<T>& value) {
    bool present = false;
    read(present);
    if (present) read(value.emplace());
  }
  template <class... T>
  void read(std::variant<T...>& value) {
    readAlternative<0>(value, number());
  }
  template <std::size_t I, class... T>
  void readAlternative(std::variant<T...>& value, std::uint64_t index) {
    if constexpr (I == sizeof...(T)) {
      fail();
    } else if (index == I) {
      describe(*this, value.template emplace<I>());
    } else {
      readAlternative<I + 1>(value, index);
    }
  }
  template <class T>
  void read(T& value) {
    if constexpr (std::is_enum_v<T>) {
      if (left() == 0 || *at_ >= enumeratorCount<T>()) return fail();
      value = static_cast<T>(*at_++);
    } else {
      describe(*this, value);
    }
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::vector<llvm::StringRef> strings_;
  bool ok_ = true;
};

}  // namespace deadheat
