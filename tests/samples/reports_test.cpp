// samples/reports holds what `deadheat check` says of every sample with a bug; it must say the same again.
#include <gtest/gtest.h>

#include <algorithm>

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include "tests/samples/sample.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"
#include "tool/report/findings_file.h"
#include "tool/run/process.h"

namespace deadheat {
namespace {

/// A compile_commands.json for the sample's sources alone, with further compiler flags.
std::string compileCommands(const Sample& sample, const std::vector<std::string>& flags) {
  llvm::json::Array commands;
  for (const auto& source : sample.sources) {
    const bool isC = source.extension() == ".c";
    llvm::json::Array arguments{isC ? "cc" : "c++", isC ? "-std=c17" : "-std=c++20", "-c", source.string()};
    for (const std::string& flag : flags) arguments.push_back(flag);
    for (const std::string& flag : sample.flags) arguments.push_back(flag);
    commands.push_back(llvm::json::Object{
        {"directory", DEADHEAT_SOURCE_DIR},
        {"file", source.string()},
        {"arguments", std::move(arguments)}});
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(commands));
  return text;
}

/// Runs `deadheat check` on the sample alone with the given output; its exit code, or -1.
int checkAlone(const Sample& sample, const TemporaryFolder& folder, const std::string& output,
               const std::vector<std::string>& flags = {}) {
  folder.write("compile_commands.json", compileCommands(sample, flags));
  ProcessRequest request;
  request.program = DEADHEAT_BINARY_DIR "/bin/deadheat";
  request.arguments = {"deadheat", "check", "-q", "--color=never", "-p", folder.path().string(),
                       "--root=" DEADHEAT_SOURCE_DIR, "--output=" + output};
  request.timeLimit = std::chrono::seconds(60);
  auto outcome = runProcess(request);
  if (outcome) return outcome->exitCode;
  ADD_FAILURE() << llvm::toString(outcome.takeError());
  return -1;
}

TEST(SampleReports, SayTheSameAgain) {
  for (const Sample& sample : discoverSamples(DEADHEAT_SOURCE_DIR "/samples")) {
    if (sample.isFixed()) continue;
    SCOPED_TRACE(sample.name);
    TemporaryFolder folder;
    const std::string report = (folder.path() / "report.txt").string();
    EXPECT_EQ(checkAlone(sample, folder, "text:" + report), sample.byRuns ? 0 : 2);
    expectGolden("samples/reports/" + sample.name + ".txt", readFile(report));
  }
}

/// Whether the programs below `folder` are told right from wrong; their number.
std::size_t checkPrograms(const std::string& folder, const std::vector<std::string>& flags) {
  std::size_t programs = 0;
  for (const Sample& sample : discoverSamples(folder)) {
    SCOPED_TRACE(sample.name);
    ++programs;
    TemporaryFolder temporary;
    const std::string file = (temporary.path() / "findings.json").string();
    EXPECT_EQ(checkAlone(sample, temporary, "json:" + file, flags), sample.expectations.empty() ? 0 : 2);
    auto report = readFindings(file);
    if (!report) {
      ADD_FAILURE() << llvm::toString(report.takeError());
      continue;
    }
    for (const Expectation& expected : sample.expectations)
      EXPECT_TRUE(std::any_of(report->findings.begin(), report->findings.end(), [&](const Finding& finding) {
        return finding.check == expected.check && std::count(finding.subjects.begin(), finding.subjects.end(), expected.subject);
      })) << expected.check << " " << expected.subject;
  }
  return programs;
}

TEST(Corpus, OfTrickyProgramsIsToldRightFromWrong) {
  EXPECT_GE(checkPrograms(DEADHEAT_SOURCE_DIR "/tests/corpus", {}), 30u);
}

TEST(Corpus, OfOtherLibrariesIsToldRightFromWrong) {
  EXPECT_GE(checkPrograms(DEADHEAT_SOURCE_DIR "/tests/libraries",
                          {"-isystem", DEADHEAT_SOURCE_DIR "/tests/libraries/include"}),
            12u);
}

}  // namespace
}  // namespace deadheat
