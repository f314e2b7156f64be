// Program: the whole program as checks see it. Frozen once linked; all queries are const and cheap.
//
// A check walks `scopes()`: each is a set of threads of control and the accesses and lock acquisitions they make on
// memory they name in common, with `mayHappenInParallel` between any two. Everything is interned; `tables()` resolves
// ids, and the helpers here turn them into words and source points.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/facts/source_point.h"
#include "analyzers/facts/tu_facts.h"
#include "analyzers/link/body.h"
#include "analyzers/link/function_view.h"
#include "analyzers/link/scope.h"
#include "analyzers/link/units.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace deadheat {

class CommonWalk;
struct Team;

/// Figures for progress and reports.
struct LinkStatistics {
  std::size_t functions = 0;
  std::size_t calls = 0;
  std::size_t threads = 0;  ///< Spawn sites.
  Dropped dropped;          ///< Facts left out to stay within bounds; calls with no known target.
};

class Program {
 public:
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  /// Frames first (main before the others), then classes by name, then the library scope.
  const std::vector<Scope>& scopes() const;
  /// Functions with teams of threads or tasks, which scopes() says nothing of.
  const std::vector<Team>& teams() const;
  const std::vector<DoubleLock>& doubleLocks() const;
  /// By function.
  const std::vector<LockIncident>& lockIncidents() const;
  /// Thread-safety attributes that are not kept. One place may break several.
  const std::vector<BrokenFact>& brokenPromises() const;
  const LinkStatistics& statistics() const;

  const Tables& tables() const;
  const Bodies& bodies() const;
  const Function& function(FunctionIndex f) const;
  /// The function's summary, relative to its caller. Of what it calls it holds only what is not common.
  const Summary& summary(FunctionIndex f) const;
  /// What the function does, in itself and in what it calls, its own first. Costs what is below it, within the limits
  /// of a walk (common_facts.h).
  std::vector<AccessFact> accesses(FunctionIndex f) const;
  std::vector<OperationFact> operations(FunctionIndex f) const;
  /// Those of `accesses` that are made with a lock held, as far as they are near.
  std::vector<AccessFact> guardedAccesses(FunctionIndex f) const;
  /// Whether one of the operations of these kinds, or of the acquisitions, as the function that makes it tells it, is
  /// `wanted`. Looks only where there are such operations.
  bool anyOperation(FunctionIndex f, OperationKinds kinds,
                    llvm::function_ref<bool(const OperationFact&)> wanted) const;
  bool anyAcquire(FunctionIndex f, llvm::function_ref<bool(const AcquireFact&)> wanted) const;

  /// The function step by step. Computed anew at each call, at about the cost of linking that function.
  FunctionView view(FunctionIndex f) const;
  /// Visits, in order, the functions with events or callees that have to do with threads, locks or atomics.
  void forEachConcurrentFunction(llvm::function_ref<void(const FunctionView&)> visit) const;

  /// Whether some call or start of a thread was seen to reach the function.
  bool isCalled(FunctionIndex f) const;

  /// The class field a path ends in, ignoring elements and dereferences after it, or null.
  const Record::Field* field(PathId path) const;
  const Record* record(std::string_view name) const;
  const GlobalVariable* global(PathId path) const;

  SourcePoint point(Location location) const;
  std::string functionName(FunctionIndex f) const;
  /// `Account::balance` or `g_hits`: what a finding calls the variable.
  std::string shortText(PathId path) const;
  std::string text(PathId path) const;

  struct Parts;
  explicit Program(std::unique_ptr<Parts> parts);

 private:
  CommonWalk below(FunctionIndex f) const;
  template <typename Fact>
  bool any(FunctionIndex f, const std::vector<Fact> Summary::* facts,
           llvm::function_ref<bool(const CommonDigest&)> mayHave,
           llvm::function_ref<bool(const Fact&)> wanted) const;
  std::unique_ptr<Parts> parts_;
};

/// Links the facts of all translation units. Does not depend on their order. Near linear in the number of events for
/// programs whose functions have bounded summaries.
Program link(Units& units);
Program link(std::vector<TuFacts> units);

}  // namespace deadheat
