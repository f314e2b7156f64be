// Task calls: calls that give back a task which is kept for later. Whether a task of its own runs depends on the callee, that
// may be defined in another unit: a coroutine's body is a task, and the call is turned into its start; any other function
// runs at the call and gives back what it was given or made.
#pragma once

#include "analyzers/facts/tu_facts.h"
#include "llvm/ADT/StringMap.h"

namespace deadheat {

class TaskCalls {
 public:
  /// Notes whether `function` is a coroutine.
  void look(const Function& function) {
    if (function.coroutine && !function.coroutine->generator)
      coroutines_.try_emplace(function.id, function.coroutine->resumes);
  }
  /// Turns the calls in `unit` that start tasks into Spawns. Requires a look at every function of the program.
  void startTasks(TuFacts& unit) const;

 private:
  llvm::StringMap<Resumption> coroutines_;
};

}  // namespace deadheat
