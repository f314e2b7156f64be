// Targeted builds: races at the listed places are told, others are not, and what orders threads is seen wherever it is.
#include <gtest/gtest.h>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;
using Story = std::pair<const char*, std::size_t>;
using Built = testing::TestWithParam<std::tuple<Story, const char*>>;

std::string nameOf(const testing::TestParamInfo<Built::ParamType>& info) {
  return std::string(std::get<0>(info.param).first) + "_" + std::get<1>(info.param);
}

void expectRaces(const char* program, const Built::ParamType& param) {
  auto [story, level] = param;
  ProgramRun run = runProgram(programPath(program, level), story.first, {}, 60);
  EXPECT_EQ(run.recording.count(RecordType::Race), story.second) << run.summary();
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
}

class TargetedProgram : public Built {};
TEST_P(TargetedProgram, HasThatManyRaces) { expectRaces("targeted_stories", GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Stories, TargetedProgram,
    testing::Combine(testing::Values(Story("listedRace", 1), Story("unlistedRace", 0), Story("listedWithUnlisted", 0),
                                     Story("releaseElsewhereOrders", 0), Story("updatesElsewhereOrder", 0),
                                     Story("exchangeElsewhereOrders", 0), Story("relaxedUpdateBetween", 0),
                                     Story("relaxedOrdersNothing", 1), Story("lockElsewhereOrders", 0),
                                     Story("memoryIsUsedAgain", 0), Story("usedAfterFree", 1),
                                     Story("libraryFromListed", 1), Story("libraryFromUnlisted", 0),
                                     Story("memsetFromListed", 1), Story("memsetFromUnlisted", 0)),
                     testing::Values("O0", "O2")),
    nameOf);

class TargetedWithFences : public Built {};
TEST_P(TargetedWithFences, HasThatManyRaces) { expectRaces("targeted_fences", GetParam()); }

INSTANTIATE_TEST_SUITE_P(Stories, TargetedWithFences,
                         testing::Combine(testing::Values(Story("fencesElsewhereOrder", 0),
                                                          Story("relaxedWithoutFence", 1)),
                                          testing::Values("O0", "O2")),
                         nameOf);

class TargetedReport : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Levels, TargetedReport, testing::Values("O0", "O2"));

/// Nothing told the runtime of calls.
TEST_P(TargetedReport, HasBothStacks) {
  std::string text =
      runProgram(programPath("targeted_stories", GetParam()), "listedRace", {"DEADHEAT_RECORDING="}).output;
  std::size_t stacks = 0;
  for (std::size_t at = 0; (at = text.find("#0 ", at)) != std::string::npos; ++at) {
    std::size_t inner = text.find("writeListed", at), outer = text.find("callsListed", at);
    stacks += inner < text.find("#1 ", at) && outer > text.find("#1 ", at) && outer < text.find("#2 ", at) ? 1 : 0;
  }
  EXPECT_EQ(stacks, 2u) << text;
}

TEST_P(TargetedReport, SaysThatTheRestWasNotLookedAt) {
  std::string text =
      runProgram(programPath("targeted_stories", GetParam()), "unlistedRace", {"DEADHEAT_RECORDING="}).output;
  EXPECT_NE(text.find("a targeted build: only races among the places it was built for"), std::string::npos) << text;
}

}  // namespace
}  // namespace deadheat::rt
