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

/// The ways to one point; one for each valuation.
using Ways = std::vector<Way>;

/// More ways than this to one point are merged into one that knows nothing.
inline constexpr std::size_t kMaxWays = 12;

/// Adds `way`, merged with the one of the same valuation. Whether that changed anything.
bool addWay(Ways& ways, Way way, Tables& tables);

/// Without the ways on which a lock is not held only because a condition says that it need not be: there is another way,
/// under the opposite condition, that holds more.
Ways guarded(const Ways& ways, const Tables& tables);

/// All of them in one.
FlowState mergedState(const Ways& ways, Tables& tables);

}  // namespace deadheat
