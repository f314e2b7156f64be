// Code ranges of plan sites: overlapping ranges are cut, and every address finds exactly the sites that cover it.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "runtime/schedule/plan.h"

namespace deadheat::rt {
namespace {

std::set<std::uint32_t> sitesAt(const PlaceTable& table, Address code) {
  std::uint32_t place = table.find(code);
  if (place == kNoPlace) return {};
  return {table.sitesOf(place), table.sitesOf(place) + table[place].count};
}

TEST(PlanPlaces, FindsASiteInsideItsRangeOnly) {
  PlaceTable table;
  std::vector<SiteRange> ranges{{100, 110, 0}};
  table.build(ranges.data(), ranges.size());
  EXPECT_EQ(sitesAt(table, 99), (std::set<std::uint32_t>{}));
  EXPECT_EQ(sitesAt(table, 100), (std::set<std::uint32_t>{0}));
  EXPECT_EQ(sitesAt(table, 109), (std::set<std::uint32_t>{0}));
  EXPECT_EQ(sitesAt(table, 110), (std::set<std::uint32_t>{}));
}

TEST(PlanPlaces, AgreesWithAScanOfAllRanges) {
  std::mt19937 random(7);
  for (int run = 0; run < 200; ++run) {
    std::vector<SiteRange> ranges;
    for (std::uint32_t i = 0, count = random() % 8; i < count; ++i) {
      Address begin = random() % 60;
      ranges.push_back({begin, begin + 1 + random() % 20, i % 3});
    }
    PlaceTable table;
    table.build(ranges.data(), ranges.size());
    for (Address code = 0; code < 90; ++code) {
      std::set<std::uint32_t> expected;
      for (const SiteRange& range : ranges)
        if (range.begin <= code && code < range.end) expected.insert(range.site);
      ASSERT_EQ(sitesAt(table, code), expected);
    }
  }
}

}  // namespace
}  // namespace deadheat::rt
