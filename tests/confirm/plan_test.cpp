#include "tool/confirm/plan.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/temporary_folder.h"

namespace deadheat {
namespace {

Plan samplePlan() {
  Plan plan;
  plan.mode = protocol::PlanMode::Deadlock;
  plan.seed = 0x1122334455667788;
  plan.holdMillis = 200;
  plan.totalHoldMillis = 2000;
  plan.attempt = 3;
  plan.sites = {{protocol::SiteKind::Acquire, 0}, {protocol::SiteKind::Acquire, 1}};
  plan.modules = {{"/opt/app/server", {9, 8, 7}}, {"/opt/app/libcache.so", {}}};
  plan.ranges = {{0, 0, {0x1000, 0x1010}}, {1, 1, {0x20, 0x28}}};
  return plan;
}

TEST(PlanFile, ReadsBackWhatWasWritten) {
  auto back = decodePlan(encodePlan(samplePlan()));
  ASSERT_TRUE(static_cast<bool>(back));
  Plan expected = samplePlan();
  expected.modules[0].path = "server";
  expected.modules[1].path = "libcache.so";
  EXPECT_EQ(*back, expected);
}

TEST(PlanFile, ReadsBackAScheduleWithItsTrail) {
  Plan plan = samplePlan();
  plan.mode = protocol::PlanMode::Control;
  plan.modules[0].path = "server";
  plan.modules[1].path = "libcache.so";
  PlannedSchedule& schedule = plan.schedule.emplace();
  schedule.strict = true;
  schedule.deviations = {{protocol::DeviationKind::Switch, 1, 2, 0, 0x1004, 3, 17, 0xabc}};
  schedule.focusThreads = {{1, 0, 5}};
  schedule.trail = {3, {{0, std::nullopt, 0, 1}, {1, 1, 0x20, 2}}};
  auto back = decodePlan(encodePlan(plan));
  ASSERT_TRUE(static_cast<bool>(back));
  EXPECT_EQ(*back, plan);
  EXPECT_TRUE(llvm::errorToBool(decodePlan(llvm::StringRef(encodePlan(plan)).drop_back()).takeError()));
}

TEST(PlanFile, LaysItsPartsOutAsTheProtocolSays) {
  const std::string bytes = encodePlan(samplePlan());
  ASSERT_EQ(bytes.size(), sizeof(protocol::PlanHeader) + 2 * sizeof(protocol::PlanSite) +
                              2 * sizeof(protocol::PlanModule) + 2 * sizeof(protocol::PlanRange));
  EXPECT_EQ(std::memcmp(bytes.data(), protocol::kPlanMagic, 8), 0);
  protocol::PlanRange range;
  std::memcpy(&range, bytes.data() + bytes.size() - sizeof(range), sizeof(range));
  EXPECT_EQ(range.module, 1u);
  EXPECT_EQ(range.begin, 0x20u);
  EXPECT_EQ(sizeof(protocol::PlanHeader) % 8, 0u);
  EXPECT_EQ(sizeof(protocol::PlanModule) % 8, 0u);
}

TEST(PlanFile, CutsLongModuleNamesAndBuildIds) {
  Plan plan = samplePlan();
  plan.modules = {{"/x/" + std::string(200, 'n'), std::vector<std::uint8_t>(32, 5)}};
  plan.ranges.clear();
  auto back = decodePlan(encodePlan(plan));
  ASSERT_TRUE(static_cast<bool>(back));
  EXPECT_EQ(back->modules[0].path, std::string(103, 'n'));
  EXPECT_EQ(back->modules[0].buildId.size(), 20u);
}

TEST(PlanFile, RefusesOtherVersionsAndWrongSizes) {
  std::string bytes = encodePlan(samplePlan());
  EXPECT_FALSE(llvm::errorToBool(decodePlan(bytes).takeError()));
  EXPECT_TRUE(llvm::errorToBool(decodePlan(llvm::StringRef(bytes).drop_back()).takeError()));
  EXPECT_TRUE(llvm::errorToBool(decodePlan(bytes.substr(0, 10)).takeError()));
  bytes[8] = 77;
  EXPECT_NE(llvm::toString(decodePlan(bytes).takeError()).find("version 77"), std::string::npos);
}

TEST(PlanFile, SaysWhereItCannotBeWritten) {
  TemporaryFolder folder;
  const std::string path = (folder.path() / "none" / "x.plan").string();
  EXPECT_NE(llvm::toString(writePlan(samplePlan(), path)).find(path), std::string::npos);
  const std::string good = (folder.path() / "x.plan").string();
  EXPECT_FALSE(llvm::errorToBool(writePlan(samplePlan(), good)));
  EXPECT_EQ(readFile(good), encodePlan(samplePlan()));
}

}  // namespace
}  // namespace deadheat
