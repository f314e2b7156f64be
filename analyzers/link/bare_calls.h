// Bare calls: which functions are entered with no lock held, as far as the calls in the program show. Public methods are
// taken to be called by anybody; but a helper that is only ever reached from functions that hold a lock is not, however
// many helpers lie between.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/link/body.h"
#include "analyzers/link/ids.h"
#include "llvm/ADT/StringSet.h"

namespace deadheat {

/// Collects calls while functions are summarised; answers once settled.
class BareCalls {
 public:
  explicit BareCalls(std::size_t functions) : called_(functions), started_(functions) {}

  /// `caller` calls `callee`; `bare` if it holds no lock of its own then.
  void note(FunctionIndex caller, FunctionIndex callee, bool bare);
  /// A thread starts in the function, and holds nothing.
  void noteStart(FunctionIndex entry) { called_[raw(entry)] = started_[raw(entry)] = true; }

  /// Some call or spawn reaches the function.
  bool isCalled(FunctionIndex f) const { return called_[raw(f)]; }

  /// Follows the calls noted so far. O(n log n) in them.
  void settle(const Bodies& bodies);

  /// Some caller comes to the function with no lock held, neither its own nor one of those that call it: helpers that
  /// only functions holding a lock call do not count. REQUIRES: settled.
  bool isEnteredBare(FunctionIndex f) const { return enteredBare_[raw(f)]; }

  /// Everybody outside the class calls its public methods with a lock held, and in more than one place: whoever owns
  /// such an object guards it. REQUIRES: settled.
  bool isGuardedFromOutside(std::string_view record) const { return guardedRecords_.contains(record); }

 private:
  struct Edge {
    FunctionIndex callee, caller;
    bool bare = false;
    auto operator<=>(const Edge&) const = default;
  };

  void findHelpers(const Bodies& bodies);
  void findGuardedRecords(const Bodies& bodies);

  std::vector<bool> called_, started_, enteredBare_;
  std::vector<bool> helper_;  ///< Reached only from functions that hold a lock.
  std::vector<Edge> edges_;
  llvm::StringSet<> guardedRecords_;
};

}  // namespace deadheat
