// Functions that the configuration says threads start in: the starts that the sources do not show.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "analyzers/facts/tu_facts.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace deadheat {

/// What Spawn::how is called for them.
inline constexpr std::string_view kConfiguredThread = "ThreadEntryPoints";

/// Show it every function, then have it change the unit that it names.
class ThreadEntries {
 public:
  /// The function that starts the threads where there is no main.
  static constexpr std::string_view kStarterId = "$threads";

  /// `isBefore` orders units.
  void look(const Function& function, std::uint32_t unit,
            llvm::function_ref<bool(std::uint32_t, std::uint32_t)> isBefore);
  /// There are such functions and no main.
  bool needsStarter() const { return !entries_.empty() && !mainUnit_; }
  /// Adds, at the begin of the first main, or to `facts` as a function of its own if there is none and `unit` is the
  /// first, two starts of each function with `startsThread`: two stand for any number.
  void addTo(TuFacts& facts, std::uint32_t unit, std::uint32_t firstUnit) const;

 private:
  std::map<FunctionId, Spawn> entries_;
  std::map<FunctionId, std::uint32_t> units_;  ///< Where each of them is from.
  std::optional<std::uint32_t> mainUnit_;
};

}  // namespace deadheat
