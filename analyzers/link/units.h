// Units: where link takes the facts of a program from, one translation unit at a time.
//
// The facts of a large program are many times what is left of them once they are linked, so link never holds more than
// one unit's. It goes through them twice: first for who defines what, then for what each function does.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "analyzers/facts/tu_facts.h"

namespace deadheat {

class Units {
 public:
  virtual ~Units() = default;
  virtual std::size_t count() const = 0;
  /// The facts of unit `number`, below count(), or nothing if they cannot be had. The same whenever it is asked.
  virtual std::optional<TuFacts> read(std::size_t number) = 0;
};

/// Facts that are in memory anyway.
class UnitsInMemory : public Units {
 public:
  explicit UnitsInMemory(std::vector<TuFacts> units) : units_(std::move(units)) {}
  std::size_t count() const override { return units_.size(); }
  std::optional<TuFacts> read(std::size_t number) override { return units_[number]; }

 private:
  std::vector<TuFacts> units_;
};

}  // namespace deadheat
