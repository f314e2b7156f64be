// Facts on disk: a frame (magic, version, length, checksum) round a compact little-endian encoding of TuFacts.
//
// Deterministic: equal facts give equal bytes on every machine. The layout is the order of members in `describe`
// (archive.cpp).
//
//   offset 0   8 bytes   "DHFACTS\n"
//          8   u32       kFactsVersion
//         12   u32       reserved, 0
//         16   u64       payload length in bytes
//         24   u64       XXH3-64 of the payload
//         32   payload   string table, then the facts with strings as indices into it
//
// codec.h says how the payload is written.
#pragma once

#include <string>

#include "analyzers/facts/tu_facts.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// The facts as bytes. Linear in their size.
std::string writeFacts(const TuFacts& facts);

/// The facts in `bytes`, or one line saying what is wrong: not a facts file, another version, truncated, or corrupt.
/// `name` is the file's name for that line. What it gives is sound: enumerators exist, locations name files of the table,
/// jumps go to blocks of their function. Never reads past the end and never allocates more than a small multiple of
/// the input, whatever the input.
llvm::Expected<TuFacts> readFacts(llvm::StringRef bytes, llvm::StringRef name);

}  // namespace deadheat
