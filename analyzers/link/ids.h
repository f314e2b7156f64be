// Strong ids of everything that link/ interns. Zero is "none" or "empty" except for FunctionIndex.
#pragma once

#include <cstdint>

#include "llvm/ADT/DenseMapInfo.h"

namespace deadheat {

enum class Symbol : std::uint32_t { Empty = 0 };
enum class PathId : std::uint32_t { Unknown = 0 };
enum class PathSetId : std::uint32_t { Empty = 0 };
enum class CellMapId : std::uint32_t { Empty = 0 };
enum class LocksetId : std::uint32_t { Empty = 0 };
enum class TraceId : std::uint32_t { Here = 0 };
enum class HoldSiteId : std::uint32_t { None = 0 };
enum class ContextId : std::uint32_t { None = 0 };
enum class FunctionIndex : std::uint32_t { None = 0xffffffff };

template <typename Id>
constexpr std::uint32_t raw(Id id) {
  return static_cast<std::uint32_t>(id);
}

}  // namespace deadheat

template <>
struct llvm::DenseMapInfo<deadheat::PathId> {
  static deadheat::PathId getEmptyKey() { return static_cast<deadheat::PathId>(~0u); }
  static deadheat::PathId getTombstoneKey() { return static_cast<deadheat::PathId>(~0u - 1); }
  static unsigned getHashValue(deadheat::PathId id) { return deadheat::raw(id) * 37u; }
  static bool isEqual(deadheat::PathId a, deadheat::PathId b) { return a == b; }
};
