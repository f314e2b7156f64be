// Generated programs of any size, as facts: what link and checks are measured on beyond the size of code at hand.
//
// A program is a tree of modules, a translation unit each. A module has classes with locks, methods that expect the lock
// to be held, layers of free functions that call each other and older modules, a small recursive parser, callbacks,
// globals of its own and of the program, an implementation of an interface of its family and now and then one of the
// program's; some have worker threads. Headers bring inline functions into many units. Every unit is a pure function of
// the number of units and its own: a program is the same in every run, and need never be in memory whole. About one
// module in sixty forgets a lock, and one in a hundred takes two locks in the other order, so that checks have work.
#pragma once

#include "analyzers/facts/tu_facts.h"

namespace deadheat::bench {

class GeneratedProgram {
 public:
  /// A program with about `functions` distinct functions, at least one module's.
  explicit GeneratedProgram(std::size_t functions);

  std::uint32_t units() const { return modules_; }
  TuFacts unit(std::uint32_t module) const;

 private:
  std::uint32_t modules_;
};

}  // namespace deadheat::bench
