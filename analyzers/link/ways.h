// Ways: the states in which a point of a function may be reached, kept apart by the conditions that decide about locks.
//
// `if (threaded) lock(m); … if (threaded) unlock(m);` is two ways through the function, not four; with them merged the
// lock would seem neither held between nor given back after. A condition is a path tested against one constant, or the
// outcome of a call whose lock effect depends on what it returns. Only a few are followed, and only where a branch on
// them leads straight to a lock operation.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzers/link/flow.h"

namespace deadheat {

enum class Truth : std::uint8_t { Unknown, False, True };

/// What one way knows of up to kMaxConditions conditions, and of what it returns: two bits each.
class Valuation {
 public:
  static constexpr unsigned kMaxConditions = 6;
  static constexpr unsigned kResult = kMaxConditions;  ///< The slot for whether the function returns true.

  Truth operator[](unsigned condition) const { return static_cast<Truth>((bits_ >> (2 * condition)) & 3U); }
  void set(unsigned condition, Truth truth) {
    bits_ = (bits_ & ~(3U << (2 * condition))) | (static_cast<std::uint32_t>(truth) << (2 * condition));
  }
  /// Whether no run can be on both ways.
  bool contradicts(Valuation other) const;
  /// The same without the result.
  Valuation conditions() const {
    Valuation out = *this;
    out.set(kResult, Truth::Unknown);
    return out;
  }
  /// The same with the first `count` conditions, and the result.
  Valuation first(unsigned count) const {
    Valuation out = *this;
    for (unsigned c = count; c < kMaxConditions; ++c) out.set(c, Truth::Unknown);
    return out;
  }
  auto operator<=>(const Valuation&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

/// One way to a point.
struct Way {
  Valuation known;
  FlowState state;
  bool operator==(const Way&) const = default;
};

/// The ways to one point, one for each valuation; sorted by that. Where there would be more than kMax, the conditions
/// that come last are told apart no more.
class Ways {
 public:
  static constexpr std::size_t kMax = 16;

  Ways() = default;
  explicit Ways(Way way) { ways_.push_back(std::move(way)); }

  /// Adds `way`, merged with the one of the same valuation. Whether that changed anything.
  bool add(Way way, Tables& tables);
  template <typename Test>
  void eraseIf(Test test) {
    std::erase_if(ways_, test);
  }
  void clear() { ways_.clear(); }

  bool empty() const { return ways_.empty(); }
  std::size_t size() const { return ways_.size(); }
  auto begin() { return ways_.begin(); }
  auto end() { return ways_.end(); }
  auto begin() const { return ways_.begin(); }
  auto end() const { return ways_.end(); }

 private:
  std::vector<Way> ways_;
  unsigned followed_ = Valuation::kMaxConditions;  ///< Conditions that are told apart.
};

/// Without the ways on which a lock is not held only because a condition says that it need not be: there is another way,
/// under the opposite condition, that holds more.
Ways guarded(const Ways& ways, const Tables& tables);

/// All of them in one.
FlowState mergedState(const Ways& ways, Tables& tables);

}  // namespace deadheat
