// Whether two spellings mean the same source file: the one the analysis saw and the one in the debug information, which
// may come from another machine or carry a mapped prefix.
#pragma once

#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {

/// Without `.` and `..`; a relative path stays relative.
std::string normalisedPath(llvm::StringRef path);

/// Indices of those `candidates` that best fit `wanted`: equal when normalised, else those with the longest common
/// suffix of whole components, of two components at least unless one of the paths is all suffix. Empty: none fits.
std::vector<std::size_t> matchSource(llvm::StringRef wanted, const std::vector<std::string>& candidates);

/// Whether both mean the same file by the same rules.
bool sameSource(llvm::StringRef a, llvm::StringRef b);

/// A header or library source the user did not write: system include folders, compiler and C++ library sources.
bool isSystemSource(llvm::StringRef path);

}  // namespace deadheat
