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

/// A compile_commands.json for the sample's sources alone.
std::string compileCommands(const Sample& sample) {
  llvm::json::Array commands;
  for (const auto& source : sample.sources) {
    const bool isC = source.extension() == ".c";
    commands.push_back(llvm::json::Object{
        {"directory", DEADHEAT_SOURCE_DIR},
        {"file", source.string()},
        {"arguments", llvm::json::Array{isC ? "cc" : "c++", isC ? "-std=c17" : "-std=c++20", "-c", source.string()}}});
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(commands));
  return text;
}

/// Runs `deadheat check` on the sample alone with the given output; its exit code, or -1.
int checkAlone(const Sample& sample, const TemporaryFolder& folder, const std::string& output) {
  folder.write("compile_commands.json", compileCommands(sample));
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
    EXPECT_EQ(checkAlone(sample, folder, "text:" + report), 2);
    expectGolden("samples/reports/" + sample.name + ".txt", readFile(report));
  }
}

TEST(Corpus, OfTrickyProgramsIsToldRightFromWrong) {
  std::size_t programs = 0;
  for (const Sample& sample : discoverSamples(DEADHEAT_SOURCE_DIR "/tests/corpus")) {
    SCOPED_TRACE(sample.name);
    ++programs;
    TemporaryFolder folder;
    const std::string file = (folder.path() / "findings.json").string();
    EXPECT_EQ(checkAlone(sample, folder, "json:" + file), sample.expectations.empty() ? 0 : 2);
    auto report = readFindings(file);
    ASSERT_TRUE(static_cast<bool>(report)) << llvm::toString(report.takeError());
    for (const Expectation& expected : sample.expectations)
      EXPECT_TRUE(std::any_of(report->findings.begin(), report->findings.end(), [&](const Finding& finding) {
        return finding.check == expected.check && std::count(finding.subjects.begin(), finding.subjects.end(), expected.subject);
      })) << expected.check << " " << expected.subject;
  }
  EXPECT_GE(programs, 30u);
}

}  // namespace
}  // namespace deadheat
