// The lock that stands for all: `ACQUIRE("*")` turns the checking of attributes off until it is given back.
#pragma once

namespace deadheat {

/// The name of the global variable that it is written as.
inline constexpr char kAnyLock[] = "*";

}  // namespace deadheat
