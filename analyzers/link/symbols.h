// Symbols: names as small numbers, so that link compares and hashes without touching strings.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "analyzers/link/ids.h"

namespace deadheat {

/// Interns strings. Append-only; the views it returns stay valid.
class Symbols {
 public:
  Symbols() { intern({}); }

  Symbol intern(std::string_view text) {
    if (auto found = index_.find(text); found != index_.end()) return found->second;
    auto symbol = static_cast<Symbol>(texts_.size());
    index_.emplace(texts_.emplace_back(text), symbol);
    return symbol;
  }
  std::string_view text(Symbol symbol) const { return texts_[raw(symbol)]; }

 private:
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, Symbol> index_;
};

}  // namespace deadheat
