#include "tool/symbols/source_path.h"

#include <algorithm>

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

/// Number of trailing components both have; 0 when that is too few to mean the same file.
std::size_t commonSuffix(llvm::StringRef a, llvm::StringRef b) {
  llvm::SmallVector<llvm::StringRef, 16> left, right;
  a.split(left, '/', -1, /*KeepEmpty=*/false);
  b.split(right, '/', -1, /*KeepEmpty=*/false);
  const std::size_t most = std::min(left.size(), right.size());
  std::size_t common = 0;
  while (common < most && left[left.size() - 1 - common] == right[right.size() - 1 - common]) ++common;
  const bool whole = (common == left.size() && !a.starts_with("/")) || (common == right.size() && !b.starts_with("/"));
  return common >= 2 || (whole && common == 1) ? common : 0;
}

}  // namespace

std::string normalisedPath(llvm::StringRef path) {
  llvm::SmallString<256> text(path);
  llvm::sys::path::remove_dots(text, /*remove_dot_dot=*/true);
  return std::string(text);
}

std::vector<std::size_t> matchSource(llvm::StringRef wanted, const std::vector<std::string>& candidates) {
  const std::string target = normalisedPath(wanted);
  std::vector<std::size_t> best;
  std::size_t bestLength = 1;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::string candidate = normalisedPath(candidates[i]);
    const std::size_t length = candidate == target ? SIZE_MAX : commonSuffix(target, candidate);
    if (length < bestLength) continue;
    if (length > bestLength) best.clear();
    bestLength = length;
    best.push_back(i);
  }
  return best;
}

bool sameSource(llvm::StringRef a, llvm::StringRef b) {
  const std::string left = normalisedPath(a), right = normalisedPath(b);
  return left == right || commonSuffix(left, right) > 0;
}

bool isSystemSource(llvm::StringRef path) {
  static constexpr llvm::StringRef kFolders[] = {"/usr/include/", "/usr/lib/", "/usr/local/include/"};
  const std::string normal = normalisedPath(path);
  const llvm::StringRef text(normal);
  if (std::any_of(std::begin(kFolders), std::end(kFolders), [&](auto folder) { return text.starts_with(folder); }))
    return true;
  // Libraries' own sources, as their distributors built them.
  return text.contains("/include/c++/") || text.contains("/libstdc++-v3/") || text.contains("/glibc-");
}

}  // namespace deadheat
