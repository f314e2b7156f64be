// The form of every file in the cache: a frame with checksum round compressed bytes, so that anything else (cut short,
// flipped bits, another program's file) is known for what it is.
//
//   offset 0   8 bytes   "DHCACHE\n"
//          8   u32       version of this form
//         12   u32       compression: 0 none, 1 zstd, 2 zlib
//         16   u64       size of the bytes before compression
//         24   u64       XXH3-64 of all that follows, seeded by what stands before
//         32             the bytes
#pragma once

#include <optional>
#include <string>

#include "llvm/ADT/StringRef.h"

namespace deadheat {

std::string wrapEntry(llvm::StringRef bytes);

/// What was wrapped, or nothing if `file` is not a whole entry. Checks before it allocates.
std::optional<std::string> unwrapEntry(llvm::StringRef file);

}  // namespace deadheat
