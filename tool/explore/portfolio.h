// Which strategy each run of an exploration uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "runtime/protocol.h"

namespace deadheat {

/// A strategy with its parameters.
struct StrategyChoice {
  protocol::ScheduleStrategy strategy = protocol::ScheduleStrategy::Pos;
  std::uint32_t depth = 0;  ///< Of pct.
  auto operator<=>(const StrategyChoice&) const = default;

  std::string name() const;  ///< `pos`, `pct3`.
};

/// Takes turns among strategies, and oftener the ones that have found something.
class Portfolio {
 public:
  /// `name`: a strategy (`random`, `pos`, `pct`, `pct5`) or `portfolio` for all of them. Error: no such strategy.
  static llvm::Expected<Portfolio> named(const std::string& name);

  /// The next run's.
  const StrategyChoice& next();
  /// A run of the strategy of this name had a failure that no run before had.
  void found(const std::string& name);

 private:
  struct Member {
    StrategyChoice choice;
    unsigned weight = 1;  ///< Turns a round.
  };
  std::vector<Member> members_;
  std::vector<std::size_t> round_;  ///< What is left of it, last first.
};

}  // namespace deadheat
