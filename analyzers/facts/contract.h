// What programs promise about locks in Clang's thread-safety attributes, in whatever spelling: data is guarded, functions
// require, exclude, take and give back locks, locks are taken in an order.
//
// A lock is a Path from where the promise stands: for a field, `This` is the object that the field is part of; for a
// function, `This` and parameters are those of the function. Promises whose lock cannot be named are left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzers/facts/event.h"

namespace deadheat {

/// Data that may only be used under a lock: exclusively to change it.
struct Guard {
  enum class Of : std::uint8_t {
    Value,    ///< The variable itself.
    Pointee,  ///< What the pointer stored in it points to.
  };
  Of of = Of::Value;
  Path lock;  ///< Unknown: any lock will do.
  auto operator<=>(const Guard&) const = default;
};

/// What a function promises of one lock.
struct Contract {
  enum class Kind : std::uint8_t {
    Requires,  ///< The caller holds it, before and after.
    Excludes,  ///< The caller does not hold it.
    Acquires,
    Releases,
    Tries,    ///< Holds it afterwards if the result is `success`.
    Asserts,  ///< Ends the program if the caller does not hold it.
    Returns,  ///< The result refers to it.
  };
  Kind kind = Kind::Requires;
  LockMode mode = LockMode::Exclusive;
  bool success = true;   ///< Tries.
  bool anyMode = false;  ///< Releases: however it is held.
  Path lock;
  auto operator<=>(const Contract&) const = default;
};

/// The promises of one function.
struct Contracts {
  std::vector<Contract> all;
  bool unchecked = false;  ///< The body is not to be checked (no_thread_safety_analysis).
  auto operator<=>(const Contracts&) const = default;
};

/// Locks that are taken in an order: before and after the one that says so.
struct LockOrderPromise {
  std::vector<Path> before;  ///< This lock is taken before those.
  std::vector<Path> after;   ///< This lock is taken after those.
  auto operator<=>(const LockOrderPromise&) const = default;
};

}  // namespace deadheat
