#include "analyzers/facts/path.h"

#include <gtest/gtest.h>

namespace deadheat {
namespace {

Path global(std::string name) { return {{RootKind::Global, 0, name, name}, {}, false}; }
Path self() { return {{RootKind::This, 0, "", "this"}, {}, false}; }
PathStep field(std::string name) { return PathStep::field("Shard", std::move(name)); }

TEST(Path, ReadsAsCppWouldWriteIt) {
  EXPECT_EQ(global("g_hits").text(), "g_hits");
  EXPECT_EQ(self().then(field("mu")).text(), "this->mu");
  EXPECT_EQ(self().text(), "*this");
  EXPECT_EQ(global("p").then(PathStep::deref()).text(), "*p");
  EXPECT_EQ(global("p").then(PathStep::deref()).then(field("next")).text(), "p->next");
  EXPECT_EQ(self().then(field("shards")).then(PathStep::element("i")).then(field("mu")).text(), "this->shards[i].mu");
  EXPECT_EQ(global("p").then(PathStep::deref()).then(PathStep::deref()).then(field("x")).text(), "(*p)->x");
}

TEST(Path, ShortTextIsTheLastNamedFieldWithItsClass) {
  EXPECT_EQ(self().then(field("mu")).then(PathStep::element()).shortText(), "Shard::mu");
  EXPECT_EQ(self().then(field("mu")).then(PathStep::field("", "$lock")).shortText(), "Shard::mu");
  EXPECT_EQ(global("g_hits").then(PathStep::deref()).shortText(), "g_hits");
}

TEST(Path, IsCutAtTheLimitAndSaysSo) {
  Path path = global("list");
  for (std::size_t i = 0; i < kMaxPathSteps; ++i) path = path.then(PathStep::deref());
  EXPECT_FALSE(path.cut);
  path = path.then(PathStep::deref());
  EXPECT_TRUE(path.cut);
  EXPECT_EQ(path.steps.size(), kMaxPathSteps);
}

TEST(Path, DisplayNamesAreNotPartOfTheIdentity) {
  Path one = global("g"), other = global("g");
  other.root.display = "other";
  EXPECT_EQ(one, other);
}

}  // namespace
}  // namespace deadheat
