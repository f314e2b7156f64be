// Every sample is hunted, from its sources to the verdict: each expectation beside a line must be met by a finding with
// that verdict, no finding may lack its expectation, and a fixed twin yields nothing at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/samples/sample.h"
#include "tests/support/temporary_folder.h"
#include "tool/report/findings_file.h"
#include "tool/run/process.h"

namespace deadheat {
namespace {

constexpr int kClean = 0;
constexpr int kFindings = 2;

const std::vector<Sample>& samples() {
  static const std::vector<Sample> found = discoverSamples(DEADHEAT_SOURCE_DIR "/samples");
  return found;
}

/// `deadheat hunt` on the sample's sources; the findings and the exit code.
struct Hunt {
  int exitCode = -1;
  std::vector<Finding> findings;
};

Hunt hunt(const Sample& sample, const TemporaryFolder& folder) {
  const std::string report = (folder.path() / "findings.json").string();
  ProcessRequest request;
  request.program = DEADHEAT_BINARY_DIR "/bin/deadheat";
  request.arguments = {"deadheat", "hunt", "-q", "--output=json:" + report,
                       "--output-dir=" + (folder.path() / "out").string()};
  for (const auto& source : sample.sources) request.arguments.push_back(source.string());
  request.timeLimit = std::chrono::seconds(120);
  Hunt result;
  auto outcome = runProcess(request);
  if (!outcome) {
    ADD_FAILURE() << llvm::toString(outcome.takeError());
    return result;
  }
  result.exitCode = outcome->exitCode;
  auto findings = readFindings(report);
  if (!findings) {
    ADD_FAILURE() << llvm::toString(findings.takeError());
    return result;
  }
  result.findings = findings->findings;
  return result;
}

bool names(const Finding& finding, const Expectation& expected) {
  return finding.check == expected.check &&
         std::find(finding.subjects.begin(), finding.subjects.end(), expected.subject) != finding.subjects.end();
}

bool isAt(const SourcePoint& point, const Expectation& expected) {
  return point.line == expected.line && std::filesystem::path(point.file).filename() == expected.file;
}

/// Where the hazard's operations are: its sites, or what a run saw at the end of each thread's steps.
std::vector<SourcePoint> placesOf(const Finding& finding) {
  std::vector<SourcePoint> places;
  for (const Site& site : finding.sites) places.push_back(site.point);
  if (!places.empty()) return places;
  for (const WitnessThread& thread : finding.witness)
    if (!thread.steps.empty()) places.push_back(thread.steps.back().point);
  return places;
}

/// Whether a comment of the finding's check stands beside the place.
bool isForeseen(const Finding& finding, const SourcePoint& place, const Sample& sample) {
  auto speaksOf = [&](const Expectation& expected) { return finding.check == expected.check && isAt(place, expected); };
  return std::any_of(sample.expectations.begin(), sample.expectations.end(), speaksOf) ||
         std::any_of(sample.allowances.begin(), sample.allowances.end(), speaksOf);
}

std::string describe(const std::vector<Finding>& findings) {
  std::ostringstream out;
  for (const Finding& finding : findings) {
    out << "  " << finding.location.file << ":" << finding.location.line << ": " << finding.message << " ["
        << finding.check << "] verdict " << static_cast<int>(finding.verdict.kind) << " " << finding.verdict.reason
        << "\n    subjects:";
    for (const std::string& subject : finding.subjects) out << " " << subject;
    out << "\n";
  }
  return out.str();
}

class Samples : public testing::TestWithParam<Sample> {};

TEST_P(Samples, HuntMeetsTheExpectationsBesideTheLines) {
  const Sample& sample = GetParam();
  TemporaryFolder folder;
  Hunt result = hunt(sample, folder);
  SCOPED_TRACE("findings:\n" + describe(result.findings));
  EXPECT_EQ(result.exitCode, sample.expectations.empty() ? kClean : kFindings);

  for (const Expectation& expected : sample.expectations)
    EXPECT_TRUE(std::any_of(result.findings.begin(), result.findings.end(),
                            [&](const Finding& finding) { return names(finding, expected); }))
        << expected.file << ":" << expected.line << " expects " << expected.check << " " << expected.subject;
  for (const Finding& finding : result.findings) {
    for (const SourcePoint& place : placesOf(finding))
      EXPECT_TRUE(isForeseen(finding, place, sample)) << "not expected at line " << place.line << ": " << finding.message;
    if (sample.verdict == "confirmed") {
      EXPECT_EQ(finding.verdict.kind, Verdict::Kind::Confirmed) << finding.message;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Samples, testing::ValuesIn(samples()), [](const auto& info) {
  std::string name = info.param.name;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(SampleSet, HasAFixedTwinForEveryStory) {
  std::size_t stories = 0;
  for (const Sample& sample : samples()) {
    if (sample.isFixed()) {
      EXPECT_TRUE(sample.expectations.empty()) << sample.name;
      continue;
    }
    ++stories;
    EXPECT_FALSE(sample.expectations.empty()) << sample.name;
    std::string twin = sample.name;
    twin.insert(twin.find('/') + 1, "fixed_");
    EXPECT_TRUE(std::any_of(samples().begin(), samples().end(), [&](const Sample& s) { return s.name == twin; }))
        << sample.name << " has no twin";
  }
  EXPECT_GE(stories, 14u);
}

}  // namespace
}  // namespace deadheat
