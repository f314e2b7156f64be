// Schedule files: written and read back, and refused when they are none.
#include "tool/explore/stored_schedule.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/temporary_folder.h"
#include "tool/explore/portfolio.h"

namespace deadheat {
namespace {

StoredSchedule example() {
  StoredSchedule stored;
  stored.program = "/opt/app/bank";
  stored.arguments = {"bank", "--fast"};
  stored.modules = {{"bank", {1, 2, 0xab}}};
  stored.schedule.points = protocol::SchedulePoints::Sites;
  stored.schedule.spurious = 4;
  stored.sites = {{protocol::SiteKind::Write, 0}};
  stored.ranges = {{0, 0, {0x10, 0x18}}};
  stored.expectedOutput = "good.txt";
  stored.schedule.strict = true;
  stored.schedule.mostSteps = 77;
  stored.schedule.startSeconds = 1700000000;
  stored.schedule.deviations = {{protocol::DeviationKind::Switch, 0, 2, 0, 0x1234, 3, 9, 0xfedcba9876543210ull},
                                {protocol::DeviationKind::Wake, 1, 0, std::nullopt, 0, 0, 12, 5}};
  stored.expectedExit = 3;
  stored.steps = 20;
  stored.hash = 0x8000000000000001ull;
  stored.check = "assertion";
  stored.message = "it \"failed\"";
  stored.key = "abc";
  stored.foundBy = "pos, seed 1";
  stored.foundIn = 4;
  stored.deviationsFound = 9;
  stored.story = {"main stops", "thread 2 goes on"};
  return stored;
}

std::string errorOf(llvm::Expected<StoredSchedule> stored) {
  return stored ? std::string() : llvm::toString(stored.takeError());
}

TEST(StoredSchedule, ReadsBackWhatItWrote) {
  TemporaryFolder folder;
  const std::string path = (folder.path() / "a.schedule").string();
  const StoredSchedule stored = example();
  ASSERT_FALSE(static_cast<bool>(writeStoredSchedule(stored, path)));
  auto read = readStoredSchedule(path);
  ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(read->schedule, stored.schedule);
  EXPECT_EQ(read->modules, stored.modules);
  EXPECT_EQ(read->sites, stored.sites);
  EXPECT_EQ(read->ranges, stored.ranges);
  EXPECT_EQ(read->expectedOutput, stored.expectedOutput);
  EXPECT_EQ(read->arguments, stored.arguments);
  EXPECT_EQ(read->story, stored.story);
  EXPECT_EQ(read->hash, stored.hash);
  EXPECT_EQ(read->steps, stored.steps);
  EXPECT_EQ(read->expectedExit, stored.expectedExit);
  EXPECT_EQ(read->key, stored.key);
  EXPECT_EQ(read->message, stored.message);
  EXPECT_EQ(read->foundIn, stored.foundIn);
}

TEST(StoredSchedule, RefusesWhatIsNone) {
  TemporaryFolder folder;
  EXPECT_NE(errorOf(readStoredSchedule(folder.write("a", "not json"))).find("is no schedule"), std::string::npos);
  EXPECT_NE(errorOf(readStoredSchedule(folder.write("b", "{\"kind\": \"other\"}"))).find("is no schedule"),
            std::string::npos);
  EXPECT_NE(errorOf(readStoredSchedule((folder.path() / "missing").string())).find("cannot read"), std::string::npos);
}

TEST(StoredSchedule, RefusesOtherVersionsAndDamage) {
  TemporaryFolder folder;
  const std::string path = (folder.path() / "a.schedule").string();
  ASSERT_FALSE(static_cast<bool>(writeStoredSchedule(example(), path)));
  std::string text = readFile(path);
  std::string older = text;
  older.replace(older.find("\"format\": 1"), 11, "\"format\": 0");
  EXPECT_NE(errorOf(readStoredSchedule(folder.write("old", older))).find("another version"), std::string::npos);
  std::string damaged = text;
  damaged.replace(damaged.find("\"occurrence\": 3"), 15, "\"occurrence\": \"x\"");
  EXPECT_NE(errorOf(readStoredSchedule(folder.write("damaged", damaged))).find("damaged"), std::string::npos);
}

TEST(StoredSchedule, SurvivesThePlanFile) {
  const Plan plan = replayPlan(example(), true);
  auto decoded = decodePlan(encodePlan(plan));
  ASSERT_TRUE(static_cast<bool>(decoded)) << llvm::toString(decoded.takeError());
  EXPECT_EQ(decoded->schedule, plan.schedule);
  std::string cut = encodePlan(plan);
  cut.pop_back();
  auto refused = decodePlan(cut);
  EXPECT_FALSE(static_cast<bool>(refused));
  llvm::consumeError(refused.takeError());
}

TEST(Portfolio, TakesTurnsAndPrefersWhatFinds) {
  auto portfolio = Portfolio::named("portfolio");
  ASSERT_TRUE(static_cast<bool>(portfolio));
  std::map<std::string, int> counts;
  for (int i = 0; i < 90; ++i) ++counts[portfolio->next().name()];
  EXPECT_EQ(counts["random"], counts["pct2"]);
  portfolio->found("pct2");
  portfolio->found("pct2");
  for (int i = 0; i < 9; ++i) portfolio->next();
  std::map<std::string, int> later;
  for (int i = 0; i < 110; ++i) ++later[portfolio->next().name()];
  EXPECT_GT(later["pct2"], 2 * later["random"]);
}

TEST(Portfolio, KnowsStrategiesByName) {
  auto pct = Portfolio::named("pct7");
  ASSERT_TRUE(static_cast<bool>(pct));
  EXPECT_EQ(pct->next().name(), "pct7");
  for (const char* wrong : {"pct0", "pct99", "dpor", ""}) {
    auto refused = Portfolio::named(wrong);
    EXPECT_FALSE(static_cast<bool>(refused)) << wrong;
    llvm::consumeError(refused.takeError());
  }
}

}  // namespace
}  // namespace deadheat
