// Locks made of atomics: a class whose `lock` spins on an atomic of the object and whose `unlock` writes it is a lock.
//
// Wrappers round known locks need no help: their calls show it. Here there is nothing to see but the atomics, so names
// decide whether it is a lock at all: `lock`, `unlock` and `try_lock` as parts of a name.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzers/facts/tu_facts.h"

namespace deadheat {

/// Show it every function of every unit, have it decide, then let it change each unit.
///
/// Functions called `…lock` that change an atomic of an object by read-modify-write, in themselves or a few calls further
/// on the same object, get an Acquire of it; those called `try…lock` one on the way out that returns true; those called
/// `…unlock` that write an atomic of it a Release. The object is `*this`, or what the first parameter points to. Only in
/// classes that have both, and in functions on what some other function locks; a lock function outside classes may go
/// alone, for what gives back may be a plain store. Functions that take or give a known lock stay as they are. A class
/// whose lock methods change nothing while trying does returns something to await: tasks hold its locks, not threads, and
/// it gets none of these.
class SpinLocks {
 public:
  void look(const Function& function);
  void decide();
  void addTo(TuFacts& facts) const;

 private:
  enum class Part : std::uint8_t { None, Lock, Try, Unlock };
  /// What matters of one function.
  struct Sketch {
    Part part = Part::None;
    bool isOfClass = false;             ///< A method.
    bool isKnown = false;               ///< It takes or gives a lock that needs no guess.
    std::string name, kind;             ///< Without scopes; what it locks: see kindOf.
    std::optional<Path> swaps, writes;  ///< The object whose atomic it changes by read-modify-write, or writes.
    struct OwnCall {
      FunctionId callee;
      Path object;  ///< What the caller calls its own object.
    };
    std::vector<OwnCall> calls;  ///< On its own object.
  };
  /// What is to be done to one function.
  struct Change {
    Part part = Part::None;  ///< None: it helps another to take the lock.
    Path object;
    bool forReaders = false;
  };

  static Part partOf(std::string_view name);
  static std::string kindOf(const Function& function);
  std::optional<Path> object(const Sketch& sketch, Part part, int depth, std::set<FunctionId>& helpers) const;
  void change(Function& function, const Change& change) const;

  std::map<FunctionId, Sketch> sketches_;
  std::set<std::string> known_;  ///< Kinds of which it is known what they do, by attributes or other locks.
  std::map<FunctionId, Change> changes_;
};

}  // namespace deadheat
