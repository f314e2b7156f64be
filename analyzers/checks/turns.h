// Turns: what two accesses of a team have in common and what each has of its own, and whether the numbers around them
// let them reach the same element.
#pragma once

#include <string>
#include <vector>

#include "analyzers/checks/dependence.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Two accesses and the regions they stand in.
class Turns {
 public:
  /// `a` and `b` are in the same frame's terms.
  Turns(const Tables& tables, const AccessFact& a, const AccessFact& b);

  const std::vector<ContextId>& chain(int side) const { return chains_[side]; }
  /// How many regions, from the outside, they have in common.
  std::size_t common() const { return common_; }
  const ContextNode& node(int side, std::size_t at) const { return tables_.contexts[chains_[side][at]]; }

  /// Several systems of comparisons; it is enough that one of them has a solution.
  using Alternatives = std::vector<std::vector<Comparison>>;

  struct Answer {
    Solution solution = Solution::None;
    bool unknownIndex = false;   ///< Some index cannot be said.
    bool unknownBounds = false;  ///< Some counter of an index starts and ends at places that cannot be said.
    bool onSymbols = false;      ///< It depends on how large a variable is that nothing is known of.
    bool acrossRows = false;     ///< Only if an index leaves the row that its stride suggests.
  };

  /// Whether the same element is reached when all regions from `own` inwards are run twice, once for each access, and
  /// one of `alternatives` holds besides.
  Answer meet(std::size_t own, const Alternatives& alternatives) const;

  /// A loop variable of the region at `at`, as the given side calls it. Requires a common region from `own` on.
  Affine counter(std::size_t at, std::size_t range, int side) const;
  /// The number of the thread on one side.
  static Affine thread(int side);
  /// The two differ.
  static Comparison differ(const Affine& x, const Affine& y);
  static Comparison same(const Affine& x, const Affine& y);
  /// That the turns of the region at `at`, common to both, are not the same.
  Alternatives otherTurn(std::size_t at) const;

  /// Pairs of indices at the same place of two paths of equal shape.
  std::vector<std::pair<Symbol, Symbol>> indexPairs(PathId a, PathId b) const;
  /// `index` as one side calls it, where the regions from `own` on are its own. Nothing if it is not known.
  std::optional<Affine> renamed(Symbol index, std::size_t own, int side) const;

 private:
  void addRegion(const ContextNode& node, std::size_t own, int side, std::vector<Comparison>& to) const;
  bool startsAnywhere(const Affine& index, std::size_t own, int side) const;
  std::optional<Affine> splitRows(const Affine& difference, std::vector<Comparison>& rows) const;

  const Tables& tables_;
  const AccessFact* facts_[2];
  std::vector<ContextId> chains_[2];
  std::size_t common_ = 0;
};

/// Every choice of one from each.
Turns::Alternatives both(const Turns::Alternatives& a, const Turns::Alternatives& b);

}  // namespace deadheat
