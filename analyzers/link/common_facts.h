// Common facts: what functions below another do that reads the same in every caller.
//
// They are most of what a program does, and copying them from callee to caller, level by level, costs the square of
// what there is. So a summary holds its own ones, and the calls below which there are more; whoever needs them all
// walks down from where he stands. Where a call changes what they mean (under a lock, beside a thread) the frame that
// makes it takes them over, and they are its own from there on.
#pragma once

#include <span>
#include <vector>

#include "analyzers/link/common_names.h"
#include "analyzers/link/summary.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace deadheat {

/// How far one walk goes; what is left is counted.
struct CommonLimits {
  std::size_t visits = 2000;     ///< Functions, counting how they are come to; the nearest come first.
  std::size_t accesses = 1500;
  std::size_t acquires = 500;
  std::size_t operations = 200;
  /// A walk that is made once a program.
  static CommonLimits none() { return {~std::size_t{0}, ~std::size_t{0}, ~std::size_t{0}, ~std::size_t{0}}; }
};
/// Ways to come to one function that are told apart.
inline constexpr std::size_t kMaxArrivals = 3;

/// What is below some functions, breadth first, each of it once: seen from the root that is nearest. Linear in the calls
/// of the functions it comes to.
class CommonWalk {
 public:
  CommonWalk(const std::vector<Summary>& summaries, CommonNames& names, Tables& tables,
             std::span<const FunctionIndex> roots, CommonLimits limits = {});
  CommonWalk(const std::vector<Summary>& summaries, CommonNames& names, Tables& tables, FunctionIndex root)
      : CommonWalk(summaries, names, tables, std::span(&root, 1)) {}

  /// In terms of the root whose number is told; without those of the roots themselves.
  template <typename Fact>
  using Visit = llvm::function_ref<void(const Fact&, std::uint32_t root)>;
  template <typename Fact>
  using Wanted = llvm::function_ref<bool(const Fact&)>;  ///< As the function that has the fact tells it.
  void accesses(Visit<AccessFact> visit, Wanted<AccessFact> wanted = nullptr);
  void acquires(Visit<AcquireFact> visit);
  void operations(Visit<OperationFact> visit);

  /// Facts that were not come to.
  const Dropped& dropped() const { return dropped_; }

 private:
  /// One function and how the walk came to it.
  struct Arrival {
    FunctionIndex function = FunctionIndex::None;
    std::uint32_t root = 0;
    std::uint32_t from = 0;           ///< Index of the arrival that called it.
    const CommonCall* call = nullptr;
    CommonCall::Before before;        ///< Since the root.
  };
  void go(const Arrival& from, std::uint32_t index);
  template <typename Fact, typename Take>
  void each(const std::vector<Fact> Summary::* facts, std::size_t limit, std::uint32_t Dropped::* left,
            Wanted<Fact> wanted, Take take);
  void leave(FunctionIndex function);
  TraceId traceTo(std::uint32_t arrival, TraceId inner);
  LocksetId locksAt(std::uint32_t arrival, LocksetId locks);
  Moment seen(std::uint32_t arrival, const Moment& inner);
  const Summary& summary(std::uint32_t arrival) const { return summaries_[raw(arrivals_[arrival].function)]; }

  const std::vector<Summary>& summaries_;
  CommonNames& names_;
  Tables& tables_;
  const CommonLimits limits_;
  std::size_t roots_ = 0;
  std::vector<Arrival> arrivals_;  ///< The first are the roots.
  llvm::DenseMap<std::uint32_t, std::vector<std::uint32_t>> byFunction_;
  Dropped dropped_;
};

}  // namespace deadheat
