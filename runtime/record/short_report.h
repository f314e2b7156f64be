// What a program that was started without the tool says of its own: a few lines for each record.
#pragma once

#include <cstdint>

namespace deadheat::rt {

/// Prints the reports among the records from `from` (bytes after the first) on to stderr, then a line that counts them.
/// Prints nothing when there are none.
void printShortReport(std::uint64_t from);

}  // namespace deadheat::rt
