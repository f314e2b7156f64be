// Which checks, files and findings an invocation is about, and what it exits with.
#include <gtest/gtest.h>

#include "analyzers/checks/check.h"
#include "tests/support/temporary_folder.h"
#include "tool/commands/delivery.h"
#include "tool/console/progress.h"
#include "tool/pipeline/check_selection.h"
#include "tool/pipeline/path_filter.h"
#include "tool/pipeline/units.h"

namespace deadheat {
namespace {

CheckSelection selection(const std::vector<std::string>& lists) {
  auto parsed = CheckSelection::parse(lists);
  EXPECT_TRUE(static_cast<bool>(parsed)) << llvm::toString(parsed.takeError());
  return parsed ? std::move(*parsed) : CheckSelection();
}

TEST(CheckSelection, TakesAllUnlessToldOtherwise) {
  EXPECT_TRUE(CheckSelection().selects("data-race"));
  EXPECT_TRUE(selection({}).selects("lock-order"));
}

TEST(CheckSelection, LetsTheLastMatchingGlobDecide) {
  EXPECT_TRUE(selection({"data-*"}).selects("data-race"));
  EXPECT_FALSE(selection({"data-*"}).selects("lock-order"));
  EXPECT_FALSE(selection({"-data-race"}).selects("data-race"));
  EXPECT_TRUE(selection({"-data-race"}).selects("lock-order"));
  EXPECT_TRUE(selection({"-*,lock-*"}).selects("lock-order"));
  EXPECT_FALSE(selection({"-*", "lock-*"}).selects("double-lock"));
  EXPECT_FALSE(selection({"*,-double-lock"}).selects("double-lock"));
}

TEST(CheckSelection, SuggestsTheNearestForAnUnknownOne) {
  auto parsed = CheckSelection::parse({"*,data-rice"});
  ASSERT_FALSE(static_cast<bool>(parsed));
  EXPECT_EQ(llvm::toString(parsed.takeError()),
            "unknown check 'data-rice', did you mean 'data-race'? `deadheat list-checks` shows all");
}

TEST(PathFilter, CoversWhatLiesBelow) {
  TemporaryFolder folder;
  std::string inside = folder.write("src/a.cpp", "");
  std::string outside = folder.write("src2/b.cpp", "");
  auto filter = PathFilter::create({(folder.path() / "src/../src").string()});
  ASSERT_TRUE(static_cast<bool>(filter));
  EXPECT_TRUE(filter->covers(inside));
  EXPECT_FALSE(filter->covers(outside));
  EXPECT_TRUE(PathFilter().covers(outside));
}

TEST(PathFilter, CoversFindingsWithAnyPlaceBelow) {
  TemporaryFolder folder;
  folder.write("src/a.cpp", "");
  auto filter = PathFilter::create({(folder.path() / "src").string()});
  ASSERT_TRUE(static_cast<bool>(filter));
  Finding finding;
  finding.location = {"/elsewhere/b.cpp", 1, 1};
  EXPECT_FALSE(filter->covers(finding));
  finding.sites = {{Site::Kind::Read, {(folder.path() / "src/a.cpp").string(), 3, 1}, "f", {}}};
  EXPECT_TRUE(filter->covers(finding));
}

TEST(PathFilter, RefusesPathsThatDoNotExist) {
  auto filter = PathFilter::create({"/nowhere/at/all"});
  ASSERT_FALSE(static_cast<bool>(filter));
  EXPECT_EQ(llvm::toString(filter.takeError()), "no such file or folder: /nowhere/at/all");
}

Finding finding(Confidence confidence, Verdict::Kind verdict = Verdict::Kind::Suspected) {
  Finding finding;
  finding.confidence = confidence;
  finding.verdict.kind = verdict;
  return finding;
}

TEST(FailOn, CountsFindingsAtOrAboveItsThreshold) {
  EXPECT_TRUE(reaches(finding(Confidence::High), "medium"));
  EXPECT_FALSE(reaches(finding(Confidence::Low), "medium"));
  EXPECT_FALSE(reaches(finding(Confidence::High), "confirmed"));
  EXPECT_TRUE(reaches(finding(Confidence::Low, Verdict::Kind::Confirmed), "confirmed"));
  EXPECT_TRUE(reaches(finding(Confidence::Low, Verdict::Kind::Confirmed), "high"));
  EXPECT_TRUE(reaches(finding(Confidence::Low), "any"));
  EXPECT_FALSE(reaches(finding(Confidence::High, Verdict::Kind::Confirmed), "never"));
}

TEST(CountText, SaysHowManyOfWhich) {
  EXPECT_EQ(countText({}), "no findings");
  EXPECT_EQ(countText({finding(Confidence::High, Verdict::Kind::Confirmed), finding(Confidence::Low)}),
            "2 findings (1 confirmed, 1 high confidence, 1 low confidence)");
}

TEST(Progress, SaysHowFarAndHowLong) {
  using std::chrono::milliseconds;
  EXPECT_EQ(progressText(0, 10, milliseconds(5000)), "0 of 10 (0%)");
  EXPECT_EQ(progressText(5, 10, milliseconds(5000)), "5 of 10 (50%), about 5 s left");
  EXPECT_EQ(progressText(5, 10, milliseconds(10)), "5 of 10 (50%)");
  EXPECT_EQ(progressText(10, 10, milliseconds(5000)), "10 of 10 (100%)");
}

TEST(Outputs, NameAFormatAndPerhapsAFile) {
  auto output = parseOutput("sarif:out/a:b.sarif");
  ASSERT_TRUE(static_cast<bool>(output));
  EXPECT_EQ(output->format->name, "sarif");
  EXPECT_EQ(output->file, "out/a:b.sarif");
  EXPECT_FALSE(output->toStdout());
  auto plain = parseOutput("text");
  ASSERT_TRUE(static_cast<bool>(plain));
  EXPECT_TRUE(plain->toStdout());
  auto unknown = parseOutput("html:x");
  ASSERT_FALSE(static_cast<bool>(unknown));
  EXPECT_EQ(llvm::toString(unknown.takeError()), "unknown output format 'html': use one of text, table, json, sarif");
}

TEST(Outputs, ThatCannotBeWrittenShowBeforeTheWork) {
  TemporaryFolder folder;
  auto output = parseOutput("json:" + (folder.path() / "missing/findings.json").string());
  ASSERT_TRUE(static_cast<bool>(output));
  EXPECT_NE(llvm::toString(checkWritable({*output})).find("No such file or directory"), std::string::npos);
  auto fine = parseOutput("json:" + (folder.path() / "findings.json").string());
  ASSERT_TRUE(static_cast<bool>(fine));
  llvm::Error error = checkWritable({*fine});
  EXPECT_FALSE(static_cast<bool>(error)) << llvm::toString(std::move(error));
  EXPECT_FALSE(std::filesystem::exists(fine->file));
}

}  // namespace
}  // namespace deadheat
