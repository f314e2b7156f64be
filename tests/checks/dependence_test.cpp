// The dependence test against its naive twin, which tries every pair of turns.
#include "analyzers/checks/dependence.h"

#include <gtest/gtest.h>

#include <random>

namespace deadheat {
namespace {

using Relation = Region::Relation;

Comparison that(const char* sum, Relation relation) { return {*Affine::parse(sum), relation}; }
Comparison equal(const char* sum) { return that(sum, Relation::Equal); }
Comparison differs(const char* sum) { return that(sum, Relation::NotEqual); }
Comparison atLeast(const char* sum) { return that(sum, Relation::AtLeast); }

/// Two turns x'1 and x'2 between 0 and n - 1.
std::vector<Comparison> turns(std::vector<Comparison> more) {
  for (const char* bound : {"x'1", "x'2", "n+-1*x'1+-1", "n+-1*x'2+-1"}) more.push_back(atLeast(bound));
  more.push_back(differs("x'1+-1*x'2"));
  return more;
}

TEST(Dependence, NeighboursMeet) { EXPECT_EQ(solve(turns({equal("x'1+-1*x'2+-1")})), Solution::Found); }

TEST(Dependence, TheSameIndexInDifferentTurnsDoesNot) {
  EXPECT_EQ(solve(turns({equal("x'1+-1*x'2")})), Solution::None);
}

TEST(Dependence, EvenAndOddDoNotMeet) { EXPECT_EQ(solve(turns({equal("2*x'1+-2*x'2+-1")})), Solution::None); }

TEST(Dependence, BoundsKeepHalvesApart) {
  EXPECT_EQ(solve(turns({equal("x'1+-1*x'2+-1*n")})), Solution::None);
}

TEST(Dependence, AnElementOutsideTheLoopDoesNotMeetIt) {
  EXPECT_EQ(solve({equal("x'1+-1*k"), atLeast("x'1+-1*k+-1")}), Solution::None);
}

TEST(Dependence, RowsOfAMatrixInOneDimensionAreApart) {
  EXPECT_EQ(solve({equal("i'1*n+j'1+-1*i'2*n+-1*j'2"), differs("i'1+-1*i'2"), atLeast("j'1"), atLeast("j'2"),
                   atLeast("n+-1*j'1+-1"), atLeast("n+-1*j'2+-1")}),
            Solution::None);
}

TEST(Dependence, ARowTooLongReachesIntoTheNext) {
  EXPECT_EQ(solve({equal("i'1*n+j'1+-1*i'2*n+-1*j'2"), differs("i'1+-1*i'2"), atLeast("j'1"), atLeast("j'2"),
                   atLeast("n+-1*j'1"), atLeast("n+-1*j'2")}),
            Solution::Found);
}

TEST(Dependence, BlocksOfThreadsAreApart) {
  EXPECT_EQ(solve({equal("x'1+-1*x'2"), differs("t'1+-1*t'2"), atLeast("x'1+-1*c*t'1"), atLeast("x'2+-1*c*t'2"),
                   atLeast("c*t'1+c+-1*x'1+-1"), atLeast("c*t'2+c+-1*x'2+-1")}),
            Solution::None);
}

TEST(Dependence, TurnsOfABoundedTriangleDoNotMeetThePivot) {
  EXPECT_EQ(solve({equal("i'1+-1*k"), atLeast("i'1+-1*k+-1"), atLeast("n+-1*i'1+-1")}), Solution::None);
}

TEST(Dependence, WhatIsUnknownProvesNothing) {
  EXPECT_NE(solve(turns({equal("x'1+-1*?1:1")})), Solution::None);
}

/// a * x1 + b * y1 + c == d * x2 + e * y2 + f for two different x, with y below a bound that may hang on x.
struct Loop {
  int a, b, c, d, e, f, outer, inner;
  bool triangular;

  std::vector<Comparison> comparisons() const {
    auto sum = [](std::initializer_list<std::pair<int, const char*>> terms, int constant) {
      Affine out = Affine::number(constant);
      for (const auto& [factor, name] : terms)
        if (factor != 0) out = *out.plus(*Affine::variable(name).times(Affine::number(factor)));
      return out;
    };
    std::vector<Comparison> all{
        {sum({{a, "x'1"}, {b, "y'1"}, {-d, "x'2"}, {-e, "y'2"}}, c - f), Relation::Equal},
        differs("x'1+-1*x'2")};
    for (const auto& [x, y] : {std::pair{"x'1", "y'1"}, std::pair{"x'2", "y'2"}}) {
      all.push_back({Affine::variable(x), Relation::AtLeast});
      all.push_back({Affine::variable(y), Relation::AtLeast});
      all.push_back({sum({{-1, x}}, outer - 1), Relation::AtLeast});
      all.push_back({triangular ? sum({{1, x}, {-1, y}}, 0) : sum({{-1, y}}, inner - 1), Relation::AtLeast});
    }
    return all;
  }

  bool meets() const {
    auto last = [&](int x) { return triangular ? x : inner - 1; };
    for (int x1 = 0; x1 < outer; ++x1)
      for (int x2 = 0; x2 < outer; ++x2)
        for (int y1 = 0; x1 != x2 && y1 <= last(x1); ++y1)
          for (int y2 = 0; y2 <= last(x2); ++y2)
            if (a * x1 + b * y1 + c == d * x2 + e * y2 + f) return true;
    return false;
  }
};

TEST(Dependence, AgreesWithTryingAllTurnsOfRandomLoops) {
  std::mt19937 random(7);
  auto number = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  int proved = 0, found = 0, open = 0;
  for (int i = 0; i < 1500; ++i) {
    const Loop loop{number(-3, 3), number(-2, 2), number(-4, 4), number(-3, 3), number(-2, 2),
                    number(-4, 4), number(1, 6),  number(1, 4),  number(0, 1) == 1};
    const Solution solution = solve(loop.comparisons());
    if (loop.meets())
      EXPECT_NE(solution, Solution::None) << i;
    else
      EXPECT_NE(solution, Solution::Found) << i;
    proved += solution == Solution::None;
    found += solution == Solution::Found;
    open += solution == Solution::Possible;
  }
  EXPECT_GT(proved, 200);
  EXPECT_GT(found, 400);
  EXPECT_LT(open, 60);  // Almost all small cases are decided.
}

}  // namespace
}  // namespace deadheat
