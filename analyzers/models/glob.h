// A glob that owns its text; LLVM's pattern only refers to it.
#pragma once

#include <memory>
#include <string>

#include "llvm/Support/Error.h"
#include "llvm/Support/GlobPattern.h"

namespace deadheat {

/// `*`, `?`, `[a-z]`, `{a,b}`.
class Glob {
 public:
  static llvm::Expected<Glob> create(std::string text) {
    constexpr std::size_t kMaxSubPatterns = 64;
    auto owned = std::make_unique<std::string>(std::move(text));
    auto pattern = llvm::GlobPattern::create(*owned, kMaxSubPatterns);
    if (!pattern) return pattern.takeError();
    return Glob(std::move(owned), std::move(*pattern));
  }

  bool match(llvm::StringRef name) const { return pattern_.match(name); }

 private:
  Glob(std::unique_ptr<std::string> text, llvm::GlobPattern pattern)
      : text_(std::move(text)), pattern_(std::move(pattern)) {}

  std::unique_ptr<std::string> text_;
  llvm::GlobPattern pattern_;
};

}  // namespace deadheat
