// Dependence: can two accesses to an array, each in a turn of its own, reach the same element?
//
// The question is whether a system of comparisons over whole numbers has a solution: the indices are equal, each
// counter stays between its bounds, the turns (or thread numbers) differ, and the conditions around hold. It is
// answered as dependence tests of compilers do: divisibility of each equation's factors (the GCD test), then
// elimination of one unknown after the other by Fourier and Motzkin with integer tightening, which subsumes Banerjee's
// bounds (W. Pugh, "The Omega test", Supercomputing 1991; U. Banerjee, "Dependence analysis for supercomputing", 1988).
// A product of unknowns, as in `a[i * n + j]`, counts as an unknown of its own; what is known of its factors is
// multiplied out, taking strides to be at least 1.
#pragma once

#include <vector>

#include "analyzers/facts/affine.h"
#include "analyzers/facts/region.h"

namespace deadheat {

/// `sum` compares with 0 as `relation` says.
struct Comparison {
  Affine sum;
  Region::Relation relation = Region::Relation::Equal;
};

enum class Solution : std::uint8_t {
  None,      ///< Proved.
  Possible,  ///< Neither a proof nor a solution was found.
  Found,     ///< Some whole numbers solve it.
};

/// Exponential in the number of NotEqual comparisons (each is tried both ways, the first ten of them) and bounded
/// otherwise. Variables whose name starts with `?` are unknown: a comparison with one is left out.
Solution solve(const std::vector<Comparison>& comparisons);

}  // namespace deadheat
