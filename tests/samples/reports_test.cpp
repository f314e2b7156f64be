// samples/reports holds what `deadheat check` says of every sample with a bug; it must say the same again.
#include <gtest/gtest.h>

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include "tests/samples/sample.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"
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

TEST(SampleReports, SayTheSameAgain) {
  for (const Sample& sample : discoverSamples(DEADHEAT_SOURCE_DIR "/samples")) {
    if (sample.isFixed()) continue;
    SCOPED_TRACE(sample.name);
    TemporaryFolder folder;
    folder.write("compile_commands.json", compileCommands(sample));
    const std::string report = (folder.path() / "report.txt").string();
    ProcessRequest request;
    request.program = DEADHEAT_BINARY_DIR "/bin/deadheat";
    request.arguments = {"deadheat", "check", "-q", "--color=never", "-p", folder.path().string(),
                         "--root=" DEADHEAT_SOURCE_DIR, "--output=text:" + report};
    request.timeLimit = std::chrono::seconds(60);
    auto outcome = runProcess(request);
    ASSERT_TRUE(static_cast<bool>(outcome)) << llvm::toString(outcome.takeError());
    EXPECT_EQ(outcome->exitCode, 2);
    expectGolden("samples/reports/" + sample.name + ".txt", readFile(report));
  }
}

}  // namespace
}  // namespace deadheat
