// Steering end to end: with a plan whose sites are whole functions, bugs that hardly ever show are caught in one run.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/runtime/program.h"
#include "tests/support/temporary_folder.h"

namespace deadheat::rt {
namespace {

using protocol::PlanMode;
using protocol::RecordType;
using protocol::SiteKind;

struct PlannedSite {
  SiteKind kind;
  std::string function;
};

/// Begin and end of each function by the symbol table.
std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> functionsOf(const std::string& program) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> functions;
  FILE* pipe = popen(("nm -S '" + program + "'").c_str(), "r");
  char line[1024];
  while (fgets(line, sizeof(line), pipe) != nullptr) {
    std::istringstream words(line);
    std::uint64_t begin, size;
    std::string kind, name;
    if (words >> std::hex >> begin >> size >> kind >> name) functions[name] = {begin, begin + size};
  }
  pclose(pipe);
  return functions;
}

template <class T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

class Steered : public testing::TestWithParam<const char*> {
 protected:
  std::string plan(PlanMode mode, const std::vector<PlannedSite>& sites, std::uint32_t attempt = 0) {
    auto functions = functionsOf(program_);
    protocol::PlanHeader header{};
    std::memcpy(header.magic, protocol::kPlanMagic, sizeof(header.magic));
    header.version = protocol::kProtocolVersion;
    header.mode = mode;
    header.seed = 1;
    header.holdMillis = 2000;
    header.totalHoldMillis = 8000;
    header.attempt = attempt;
    header.siteCount = header.rangeCount = static_cast<std::uint32_t>(sites.size());
    header.moduleCount = 1;
    std::string bytes;
    append(bytes, header);
    for (std::uint32_t i = 0; i < sites.size(); ++i) append(bytes, protocol::PlanSite{sites[i].kind, i});
    protocol::PlanModule module{};
    std::strncpy(module.baseName, program_.substr(program_.rfind('/') + 1).c_str(), sizeof(module.baseName) - 1);
    append(bytes, module);
    for (std::uint32_t i = 0; i < sites.size(); ++i) {
      auto [begin, end] = functions.at(sites[i].function);
      append(bytes, protocol::PlanRange{0, i, begin, end});
    }
    return bytes;
  }

  ProgramRun run(const char* story, const std::string& planBytes) {
    TemporaryFolder folder;
    std::string file = folder.write("plan", planBytes);
    return runProgram(program_, story, {std::string(protocol::kPlanVariable) + "=" + file});
  }

  std::size_t caught(const ProgramRun& run) {
    std::size_t count = 0;
    for (const Record& race : run.recording.of(RecordType::Race))
      count += race.peek<protocol::RaceRecord>().proof == protocol::RaceProof::Caught;
    return count;
  }

  std::string program_ = programPath("steer_stories", GetParam());
};

INSTANTIATE_TEST_SUITE_P(Compilers, Steered, testing::Values("clang", "gcc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Steered, CatchesARaceInTheAct) {
  for (std::uint32_t attempt : {0u, 1u, 2u}) {
    ProgramRun result = run("race", plan(PlanMode::Race, {{SiteKind::Write, "writeShared"}, {SiteKind::Read, "readShared"}},
                                  attempt));
    if (attempt == 0) EXPECT_EQ(caught(result), 1u) << result.summary();
    EXPECT_GE(result.recording.count(RecordType::SiteReached), 2u);
    EXPECT_NE(result.output.find("finished"), std::string::npos);
  }
}

TEST_P(Steered, CatchesASiteThatRacesWithItself) {
  ProgramRun result = run("sameSite", plan(PlanMode::Race, {{SiteKind::Write, "addShared"}}));
  EXPECT_GE(caught(result), 1u) << result.summary();
}

TEST_P(Steered, CatchesARaceInsideTheLibrary) {
  ProgramRun result = run("insideLibrary", plan(PlanMode::Race, {{SiteKind::Write, "appendText"}}));
  EXPECT_GE(caught(result), 1u) << result.summary();
}

TEST_P(Steered, DoesNotCatchWhatALockGuards) {
  ProgramRun result = run("guarded", plan(PlanMode::Race, {{SiteKind::Write, "addGuarded"}}));
  EXPECT_EQ(result.exitCode, 0) << result.summary();
  EXPECT_EQ(caught(result), 0u);
}

TEST_P(Steered, CatchesADeadlock) {
  ProgramRun result =
      run("deadlock", plan(PlanMode::Deadlock, {{SiteKind::Acquire, "takeSecond"}, {SiteKind::Acquire, "takeFirst"}}));
  EXPECT_EQ(result.recording.header.state, protocol::RunState::Deadlocked) << result.summary();
}

TEST_P(Steered, CatchesADeadlockOfThreeAtOneSite) {
  ProgramRun result = run("philosophers", plan(PlanMode::Deadlock, {{SiteKind::Acquire, "takeFork"}}));
  EXPECT_EQ(result.recording.header.state, protocol::RunState::Deadlocked) << result.summary();
  std::vector<Record> records = result.recording.of(RecordType::Deadlock);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_GE(deadlockOf(records[0]).threads.size(), 3u);
}

TEST_P(Steered, DoesNotDeadlockWhatAGateGuards) {
  ProgramRun result = run("gatedDeadlock",
                   plan(PlanMode::Deadlock, {{SiteKind::Acquire, "takeSecond"}, {SiteKind::Acquire, "takeFirst"}}));
  EXPECT_EQ(result.exitCode, 0) << result.summary();
}

TEST_P(Steered, RefusesABrokenPlanAndSaysWhy) {
  ProgramRun garbage = run("race", "this is no plan, but long enough to be looked at as one, with some bytes to spare");
  EXPECT_NE(garbage.output.find("is not a plan"), std::string::npos) << garbage.output;
  EXPECT_EQ(garbage.output.find("finished"), std::string::npos);
  EXPECT_EQ(garbage.recording.header.state, protocol::RunState::Refused);
  std::string old = plan(PlanMode::Race, {{SiteKind::Write, "addShared"}});
  old[8] = 99;
  EXPECT_NE(run("race", old).output.find("of another version"), std::string::npos);
  std::string cut = plan(PlanMode::Race, {{SiteKind::Write, "addShared"}});
  EXPECT_NE(run("race", cut.substr(0, cut.size() - 1)).output.find("cut short"), std::string::npos);
}

}  // namespace
}  // namespace deadheat::rt
