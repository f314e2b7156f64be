#include "analyzers/models/nearest.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"

namespace deadheat {

std::string nearestWord(llvm::StringRef text, llvm::ArrayRef<llvm::StringRef> words) {
  const std::string wanted = text.lower();
  std::string best;
  unsigned bestDistance = static_cast<unsigned>(std::max<std::size_t>(2, text.size() / 3)) + 1;
  for (llvm::StringRef word : words) {
    const std::string lower = word.lower();
    const unsigned distance = llvm::StringRef(lower).edit_distance(wanted);
    if (distance >= bestDistance) continue;
    bestDistance = distance;
    best = word.str();
  }
  return best;
}

std::string suggestion(llvm::StringRef text, llvm::ArrayRef<llvm::StringRef> words) {
  constexpr std::size_t kFew = 16;
  if (std::string near = nearestWord(text, words); !near.empty()) return " (did you mean '" + near + "'?)";
  if (words.empty() || words.size() > kFew) return {};
  return " (valid: " + llvm::join(words, ", ") + ")";
}

}  // namespace deadheat
