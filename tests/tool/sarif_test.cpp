// One assertion (or a few) for each thing a consumer of SARIF insists on.
#include <gtest/gtest.h>

#include "analyzers/checks/check.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include "tests/tool/random_findings.h"
#include "tests/tool/sample_report.h"
#include "tool/report/format.h"
#include "tool/report/line_hash.h"

namespace deadheat {
namespace {

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

Value sarifOf(const Report& report) {
  std::string text;
  llvm::raw_string_ostream out(text);
  renderSarif(report, Coloring::Plain, out);
  auto json = llvm::json::parse(text);
  if (json) return std::move(*json);
  ADD_FAILURE() << llvm::toString(json.takeError());
  return nullptr;
}

/// The sample's log, taken apart.
struct Log {
  SampleReport sample;
  Value json = sarifOf(sample.report);
  const Object& run() const { return *json.getAsObject()->getArray("runs")->front().getAsObject(); }
  const Object& result(std::size_t i = 0) const { return *(*run().getArray("results"))[i].getAsObject(); }
};

const Object& at(const Array& array, std::size_t i) { return *array[i].getAsObject(); }

std::string textOf(const Object& object, llvm::StringRef member = "message") {
  return object.getObject(member)->getString("text")->str();
}

TEST(Sarif, SaysWhichVersionItIs) {
  Log log;
  EXPECT_EQ(log.json.getAsObject()->getString("version"), "2.1.0");
  EXPECT_EQ(log.run().getString("columnKind"), "utf16CodeUnits");
  EXPECT_EQ(log.run().getObject("automationDetails")->getString("id"), "deadheat/check/");
}

TEST(Sarif, HasFullRulesForAllChecks) {
  Log log;
  const Array& rules = *log.run().getObject("tool")->getObject("driver")->getArray("rules");
  ASSERT_GE(rules.size(), allChecks().size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    EXPECT_FALSE(textOf(at(rules, i), "shortDescription").empty());
    EXPECT_FALSE(textOf(at(rules, i), "fullDescription").empty());
    EXPECT_FALSE(textOf(at(rules, i), "help").empty());
    EXPECT_TRUE(at(rules, i).getObject("properties")->getString("precision").has_value());
  }
  auto index = log.result().getInteger("ruleIndex");
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(at(rules, static_cast<std::size_t>(*index)).getString("id"), log.result().getString("ruleId"));
}

TEST(Sarif, HasOneLocationWithAWholeRegion) {
  Log log;
  const Array& locations = *log.result().getArray("locations");
  ASSERT_EQ(locations.size(), 1u);
  const Object& physical = *at(locations, 0).getObject("physicalLocation");
  EXPECT_EQ(physical.getObject("artifactLocation")->getString("uri"), "src/counter.h");
  EXPECT_EQ(physical.getObject("artifactLocation")->getString("uriBaseId"), "SRCROOT");
  const Object& region = *physical.getObject("region");
  EXPECT_EQ(region.getInteger("startLine"), 3);
  EXPECT_EQ(region.getInteger("startColumn"), 26) << "byte column 27, after a character of two bytes";
  EXPECT_EQ(region.getInteger("endLine"), 3);
  EXPECT_EQ(region.getInteger("endColumn"), 30);
}

TEST(Sarif, LinksTheOtherAccessInTheMessage) {
  Log log;
  const Array& related = *log.result().getArray("relatedLocations");
  ASSERT_EQ(related.size(), 2u) << "the other access and the thread's start, each once";
  EXPECT_EQ(at(related, 0).getInteger("id"), 1);
  EXPECT_EQ(at(related, 0).getObject("physicalLocation")->getObject("region")->getInteger("startLine"), 2);
  EXPECT_EQ(textOf(at(related, 1)), "starts thread 'work'");
  EXPECT_NE(textOf(log.result()).find("[thread 'work': reads 'hits'](1)"), std::string::npos) << textOf(log.result());
}

TEST(Sarif, HasOneThreadFlowAThreadInExecutionOrder) {
  Log log;
  const Array& flows = *at(*log.result().getArray("codeFlows"), 0).getArray("threadFlows");
  ASSERT_EQ(flows.size(), 2u);
  std::vector<std::int64_t> order;
  for (const Value& flow : flows)
    for (const Value& step : *flow.getAsObject()->getArray("locations")) {
      order.push_back(step.getAsObject()->getInteger("executionOrder").value_or(-1));
      EXPECT_GE(step.getAsObject()->getInteger("nestingLevel").value_or(0), 1);
      EXPECT_FALSE(textOf(*step.getAsObject()->getObject("location")).empty()) << "some show only steps with a message";
    }
  EXPECT_EQ(order, (std::vector<std::int64_t>{1, 4, 2, 3}));
  const Object& last = *flows[1].getAsObject()->getArray("locations")->back().getAsObject();
  EXPECT_EQ(last.getString("importance"), "essential");
  EXPECT_EQ(textOf(*last.getObject("state"), "locks held"), "{mu}");
}

TEST(Sarif, RepeatsTheThreadsAsStacksWithMessages) {
  Log log;
  const Array& stacks = *log.result().getArray("stacks");
  ASSERT_EQ(stacks.size(), 2u);
  for (const Value& stack : stacks) EXPECT_FALSE(textOf(*stack.getAsObject()).empty());
}

TEST(Sarif, FingerprintsByContentAndByLine) {
  Log log;
  const Object& prints = *log.result().getObject("partialFingerprints");
  EXPECT_EQ(prints.getString("primaryLocationLineHash"), lineHashes(readFile(log.sample.header))[2]);
  EXPECT_EQ(prints.getString("deadheat/findingKey/v1"), fingerprint(log.sample.report.findings[0]));
}

TEST(Sarif, GivesTheRootAndTheWorkingFolderAsUris) {
  Log log;
  std::string uri = log.run().getObject("originalUriBaseIds")->getObject("SRCROOT")->getString("uri")->str();
  EXPECT_TRUE(uri.starts_with("file:///") && uri.ends_with("/")) << uri;
  const Object& invocation = at(*log.run().getArray("invocations"), 0);
  EXPECT_EQ(invocation.getObject("workingDirectory")->getString("uri"), uri);
  EXPECT_EQ(invocation.getBoolean("executionSuccessful"), true);
}

TEST(Sarif, ListsUnitsThatFailedAsNotifications) {
  SampleReport sample;
  sample.report.analysis.failures = {{sample.report.root + "/src/a b.cpp", "no header"}};
  Value json = sarifOf(sample.report);
  const Object& run = *json.getAsObject()->getArray("runs")->front().getAsObject();
  const Object& invocation = at(*run.getArray("invocations"), 0);
  const Object& notification = at(*invocation.getArray("toolExecutionNotifications"), 0);
  EXPECT_EQ(textOf(notification), "no header");
  const Object& place = *at(*notification.getArray("locations"), 0).getObject("physicalLocation");
  EXPECT_EQ(place.getObject("artifactLocation")->getString("uri"), "src/a%20b.cpp");
}

std::string levelFor(Confidence confidence, Verdict::Kind verdict) {
  SampleReport sample;
  sample.report.findings[0].confidence = confidence;
  sample.report.findings[0].verdict.kind = verdict;
  Value json = sarifOf(sample.report);
  const Object& run = *json.getAsObject()->getArray("runs")->front().getAsObject();
  return at(*run.getArray("results"), 0).getString("level")->str();
}

TEST(Sarif, TurnsConfidenceIntoLevels) {
  EXPECT_EQ(levelFor(Confidence::High, Verdict::Kind::Suspected), "error");
  EXPECT_EQ(levelFor(Confidence::Medium, Verdict::Kind::NotReproduced), "warning");
  EXPECT_EQ(levelFor(Confidence::Low, Verdict::Kind::Suspected), "note");
  EXPECT_EQ(levelFor(Confidence::Low, Verdict::Kind::Confirmed), "error");
}

TEST(Sarif, SaysTheVerdictInTheProperties) {
  Log log;
  EXPECT_EQ(log.result().getObject("properties")->getString("verdict"), "suspected");
  EXPECT_EQ(log.result().getObject("properties")->getString("confidence"), "high");
}

TEST(Sarif, EscapesTextThatLooksLikeALink) {
  SampleReport sample;
  sample.report.findings[0].message = "'operator[](int)' is not guarded";
  Value json = sarifOf(sample.report);
  const Object& run = *json.getAsObject()->getArray("runs")->front().getAsObject();
  std::string text = textOf(at(*run.getArray("results"), 0));
  EXPECT_TRUE(text.starts_with("'operator\\[\\](int)' is not guarded")) << text;
}

TEST(Sarif, IsJsonWhateverTheFindingsAre) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Report report = RandomReports(seed).report();
    Value json = sarifOf(report);
    const Object& run = *json.getAsObject()->getArray("runs")->front().getAsObject();
    EXPECT_EQ(run.getArray("results")->size(), report.findings.size());
  }
}

}  // namespace
}  // namespace deadheat
