// Source places to code addresses, through DWARF: where the plan's ranges come from.
//
// A place owns the line-table rows of its line, wherever they were inlined or instantiated, and the whole ranges of
// functions inlined by calls on its line. There is no "nearest line": a place without code is not in the binary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// ELF virtual addresses [begin, end).
struct CodeRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  auto operator<=>(const CodeRange&) const = default;
};

/// Where one place is in a module; sorted, not overlapping. All empty: not in the binary.
struct SiteRanges {
  std::vector<CodeRange> line;    ///< Everything on the line.
  std::vector<CodeRange> column;  ///< Only what starts at the column; empty if nothing does.
};

/// One entry for each of `points`, in their order. Columns as compilers count them; 0 means any. Cost: one pass over
/// the line tables and the tree of debug entries. Errors: the file cannot be read or is no object file.
llvm::Expected<std::vector<SiteRanges>> mapSites(const std::string& modulePath, const std::vector<SourcePoint>& points);

}  // namespace deadheat
