// Objects that an exploration may focus on: those that several threads use and one changes, by a profile.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tool/confirm/plan.h"
#include "tool/symbols/recording.h"

namespace deadheat {

class FocusTable {
 public:
  /// Takes over what the run used. Later profiles replace earlier ones.
  void learn(const std::vector<RecordedUse>& uses);

  bool empty() const { return objects_.empty(); }

  /// Sets the plan's focus: an object drawn by how often it is used, half of the time, else all alike. REQUIRES: not empty.
  void focus(PlannedSchedule& schedule, std::mt19937_64& random) const;

 private:
  struct Object {
    std::uint64_t address = 0;
    std::uint64_t count = 0;
    std::vector<PlannedFocus> threads;
  };
  std::vector<Object> objects_;  ///< By address.
};

}  // namespace deadheat
