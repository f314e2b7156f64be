// Tests of confirmation under the controlled scheduler: a program is built by each compiler, a finding confirmed in it,
// and what is proved replayed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/confirm/compiled.h"
#include "tool/confirm/confirm.h"
#include "tool/explore/replay.h"
#include "tool/explore/verify_fix.h"

namespace deadheat {

/// Its parameter is the compiler.
class UnderControl : public testing::TestWithParam<const char*> {
 protected:
  std::string build(const std::string& text, const char* name) {
    const std::string wrapper = std::string("DEADHEAT_CXX=") + GetParam() + " " DEADHEAT_BINARY_DIR "/bin/deadheat c++";
    source_ = (folder_.path() / name).string();
    return compileIn(folder_, name, text, wrapper, "-std=c++17 -O1");
  }
  Site site(Site::Kind kind, const std::string& text, const std::string& comment, const char* function) const {
    const std::string before = text.substr(0, text.find("// " + comment));
    return {kind,
            {source_, static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1), 0},
            function,
            {}};
  }
  static Finding finding(const char* check, std::vector<Site> sites) {
    Finding out;
    out.check = check;
    out.message = check;
    out.subjects = {"it"};
    for (const Site& each : sites) out.functions.push_back(each.function);
    out.sites = std::move(sites);
    return out;
  }
  Verdict confirm(const std::string& program, Finding suspected) {
    ConfirmOptions options;
    options.command = {program};
    options.attempts = 6;
    options.outputDirectory = (folder_.path() / "out").string();
    auto result = confirmFindings({std::move(suspected)}, options);
    if (result) return result->findings.at(0).verdict;
    ADD_FAILURE() << llvm::toString(result.takeError());
    return {};
  }
  /// What is found where no check suspected anything.
  std::vector<Finding> confirmNothing(const std::string& program) {
    ConfirmOptions options;
    options.command = {program};
    options.attempts = 6;
    options.outputDirectory = (folder_.path() / "out").string();
    auto result = confirmFindings({}, options);
    if (result) return result->findings;
    ADD_FAILURE() << llvm::toString(result.takeError());
    return {};
  }
  static void replaysTwenty(const Verdict& verdict) {
    ReplayOptions options;
    options.file = verdict.schedule;
    options.times = 20;
    auto result = replay(options);
    ASSERT_TRUE(static_cast<bool>(result)) << llvm::toString(result.takeError());
    EXPECT_EQ(result->reproduced, 20u) << (result->notes.empty() ? "" : result->notes[0]);
  }
  VerifyResult verify(const Verdict& verdict, const std::string& program) {
    VerifyOptions options;
    options.file = verdict.schedule;
    options.command = {program};
    options.explored = 60;
    auto result = verifyFix(options);
    EXPECT_TRUE(static_cast<bool>(result)) << llvm::toString(result.takeError());
    return std::move(*result);
  }
  TemporaryFolder folder_;
  std::string source_;
};

}  // namespace deadheat
