// Delta debugging on lists of numbers.
#include "tool/explore/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace deadheat {
namespace {

using Numbers = std::vector<int>;

Numbers upTo(int count) {
  Numbers numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

bool hasAll(const Numbers& numbers, const Numbers& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](int n) { return std::find(numbers.begin(), numbers.end(), n) != numbers.end(); });
}

TEST(Shrink, LeavesNothingWhenNothingIsNeeded) {
  EXPECT_TRUE(shrink<int>(upTo(50), [](const Numbers&) { return true; }, 10).empty());
}

TEST(Shrink, KeepsTheOrderOfWhatIsLeft) {
  const Numbers needed{3, 17, 41};
  EXPECT_EQ(shrink<int>(upTo(60), [&](const Numbers& n) { return hasAll(n, needed); }, 1000), needed);
}

TEST(Shrink, AsksNoMoreThanItMay) {
  std::size_t asked = 0;
  Numbers left = shrink<int>(
      upTo(200),
      [&](const Numbers& n) {
        ++asked;
        return hasAll(n, {1, 50, 100, 150});
      },
      12);
  EXPECT_LE(asked, 12u);
  EXPECT_TRUE(hasAll(left, {1, 50, 100, 150}));
}

// Against the definition: no single item can be left out.
TEST(Shrink, IsMinimalForRandomConjunctionsAndAlternatives) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    Numbers one{static_cast<int>(random() % 40), static_cast<int>(random() % 40)}, other{static_cast<int>(random() % 40)};
    auto fails = [&](const Numbers& n) { return hasAll(n, one) || (hasAll(n, other) && n.size() % 2 == 1); };
    if (!fails(upTo(40))) continue;
    Numbers left = shrink<int>(upTo(40), fails, 100000);
    ASSERT_TRUE(fails(left));
    for (std::size_t i = 0; i < left.size(); ++i) {
      Numbers without = left;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(fails(without));
    }
  }
}

}  // namespace
}  // namespace deadheat
