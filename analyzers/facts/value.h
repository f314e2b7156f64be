// Values: what flows through assignments, arguments, captures and returns, as far as concurrency needs to know it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "analyzers/facts/path.h"

namespace deadheat {

/// The name that joins a call to its definition across translation units: the mangled name, with the file in front
/// for internal linkage, and file:line:column for lambdas.
using FunctionId = std::string;

/// One value. Substitution of a formal p by an actual: AddressOf(q) turns p.Deref into q; Load(q) turns p.Deref into
/// q.Deref; Object(q) is a copy of the class object at q, so only what its fields point to is shared with q.
struct Value {
  enum class Kind : std::uint8_t {
    Unknown,
    Constant,   ///< A number, null or the like; points nowhere. `number` may say which.
    AddressOf,  ///< A pointer or reference to the memory at `path`; also `new T`, with an Allocation root.
    Load,       ///< The pointer or reference stored at `path`.
    Function,   ///< A function or member function pointer to `function`.
    Object,     ///< A copy of the class object at `path`; `function` is its call operator, if it has exactly one.
  };
  Kind kind = Kind::Unknown;
  Path path;
  FunctionId function;
  std::string number = {};  ///< Constant: the number as an Affine; empty when not known.

  auto operator<=>(const Value&) const = default;

  static Value unknown() { return {}; }
  static Value constant(std::string number = {}) { return {Kind::Constant, {}, {}, std::move(number)}; }
  static Value addressOf(Path p) { return {Kind::AddressOf, std::move(p), {}}; }
  static Value load(Path p) { return {Kind::Load, std::move(p), {}}; }
  static Value functionRef(FunctionId f) { return {Kind::Function, {}, std::move(f)}; }
  static Value object(Path p, FunctionId callOperator = {}) {
    return {Kind::Object, std::move(p), std::move(callOperator)};
  }
};

}  // namespace deadheat
