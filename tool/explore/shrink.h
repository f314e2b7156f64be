// Delta debugging: the smallest part of a list that still has a property.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace deadheat {

/// ddmin, after Zeller and Hildebrandt: Simplifying and Isolating Failure-Inducing Input (TSE 2002). REQUIRES:
/// `fails(items)`. Returns a sublist that fails; with tests enough no single item of it can be left out. Asks `fails` at
/// most `mostTests` times: in practice about n log n, n squared at worst.
template <typename T>
std::vector<T> shrink(std::vector<T> items, const std::function<bool(const std::vector<T>&)>& fails,
                      std::size_t mostTests) {
  std::size_t tests = 0, parts = 2;
  auto without = [&](std::size_t begin, std::size_t end) {
    std::vector<T> rest(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(begin));
    rest.insert(rest.end(), items.begin() + static_cast<std::ptrdiff_t>(end), items.end());
    return rest;
  };
  if (!items.empty() && tests++ < mostTests && fails({})) return {};
  while (items.size() > 1 && tests < mostTests) {
    bool smaller = false;
    for (std::size_t part = 0; part < parts && tests < mostTests; ++part) {
      std::vector<T> rest = without(items.size() * part / parts, items.size() * (part + 1) / parts);
      ++tests;
      if (!fails(rest)) continue;
      items = std::move(rest);
      parts = parts > 2 ? parts - 1 : 2;
      smaller = true;
      break;
    }
    if (smaller) continue;
    if (parts >= items.size()) break;
    parts = parts * 2 < items.size() ? parts * 2 : items.size();
  }
  return items;
}

}  // namespace deadheat
