#include "analyzers/checks/dependence_search.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>

namespace deadheat {
namespace {

using Relation = Region::Relation;

constexpr int kMaxSteps = 250;
constexpr std::int64_t kFar = 1 << 20;
/// Numbers tried at each end of an unknown's bounds, beside the middle.
constexpr std::int64_t kTried = 6;

class Search {
 public:
  explicit Search(const std::vector<Comparison>& comparisons) : open_(comparisons) {}

  bool run() { return extend(open_); }

 private:
  struct Bounds {
    std::int64_t lower = -kFar, upper = kFar;
    bool isEmpty() const { return lower > upper; }
    std::int64_t width() const { return upper - lower; }
  };

  static std::int64_t floorDivided(std::int64_t a, std::int64_t b) {
    const std::int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
  }

  /// What the comparisons with one unknown only say of it. False if some number is compared in vain.
  static bool bound(const std::vector<Comparison>& comparisons, std::map<std::string, Bounds>& bounds) {
    for (const Comparison& c : comparisons) {
      for (const std::string& name : c.sum.variables()) bounds.try_emplace(name);
      const std::int64_t constant = c.sum.constant();
      if (c.sum.isNumber()) {
        if (c.relation == Relation::Equal ? constant != 0 : constant < 0) return false;
        continue;
      }
      if (c.sum.terms().size() != 1) continue;
      const auto& [product, factor] = *c.sum.terms().begin();
      if (product.find('*') != std::string::npos) continue;
      Bounds& own = bounds[product];
      // factor * x + constant >= 0
      if (factor > 0) own.lower = std::max(own.lower, -floorDivided(constant, factor));
      if (factor < 0) own.upper = std::min(own.upper, floorDivided(constant, -factor));
      if (c.relation != Relation::Equal) continue;
      if (constant % factor != 0) return false;
      own.lower = std::max(own.lower, -constant / factor);
      own.upper = std::min(own.upper, -constant / factor);
    }
    return std::none_of(bounds.begin(), bounds.end(), [](const auto& b) { return b.second.isEmpty(); });
  }

  static std::vector<std::int64_t> candidates(const Bounds& bounds) {
    std::vector<std::int64_t> out;
    if (bounds.lower == -kFar && bounds.upper == kFar) return {8, 2, 0, 1, 40, 3, -1};
    const std::int64_t from = bounds.lower == -kFar ? bounds.upper - 2 * kTried : bounds.lower;
    const std::int64_t to = bounds.upper == kFar ? from + 2 * kTried : bounds.upper;
    if (bounds.upper == kFar) out.push_back(std::max<std::int64_t>(from, 16));
    for (std::int64_t x = from; x <= std::min(to, from + kTried); ++x) out.push_back(x);
    for (std::int64_t x = std::max(from + kTried + 1, to - kTried); x <= to; ++x) out.push_back(x);
    if (to - from > 2 * kTried) out.push_back(from + (to - from) / 2);
    return out;
  }

  bool extend(const std::vector<Comparison>& comparisons) {
    if (++steps_ > kMaxSteps) return false;
    std::map<std::string, Bounds> bounds;
    if (!bound(comparisons, bounds)) return false;
    if (bounds.empty()) return true;
    auto narrowest = std::min_element(bounds.begin(), bounds.end(), [](const auto& a, const auto& b) {
      return a.second.width() < b.second.width();
    });
    for (std::int64_t value : candidates(narrowest->second)) {
      std::vector<Comparison> rest;
      bool fits = true;
      for (const Comparison& c : comparisons) {
        const auto replaced = c.sum.replaced([&](std::string_view name) -> std::optional<Affine> {
          if (name == narrowest->first) return Affine::number(value);
          return std::nullopt;
        });
        fits = fits && replaced.has_value();
        if (fits) rest.push_back({*replaced, c.relation});
      }
      if (fits && extend(rest)) return true;
      if (steps_ > kMaxSteps) return false;
    }
    return false;
  }

  const std::vector<Comparison> open_;
  int steps_ = 0;
};

}  // namespace

bool hasSolution(const std::vector<Comparison>& comparisons) { return Search(comparisons).run(); }

}  // namespace deadheat
