#include "tool/report/findings_file.h"

#include <gtest/gtest.h>

#include "llvm/Support/raw_ostream.h"
#include "tests/support/temporary_folder.h"
#include "tests/tool/random_findings.h"
#include "tool/report/format.h"

namespace deadheat {
namespace {

std::string rendered(const Report& report) {
  std::string text;
  llvm::raw_string_ostream out(text);
  renderJson(report, Coloring::Plain, out);
  return text;
}

std::string errorOf(const std::string& text) {
  TemporaryFolder folder;
  auto report = readFindings(folder.write("findings.json", text));
  if (report) return "read without an error";
  std::string message = llvm::toString(report.takeError());
  EXPECT_EQ(message.find('\n'), std::string::npos) << "one line: " << message;
  return message;
}

void expectError(const std::string& text, const std::string& part) {
  std::string message = errorOf(text);
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  std::size_t position = text.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  return text.replace(position, from.size(), to);
}

TEST(FindingsFile, ReadsBackWhatItWrote) {
  TemporaryFolder folder;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Report written = RandomReports(seed).report();
    auto read = readFindings(folder.write("findings.json", rendered(written)));
    ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
    EXPECT_TRUE(*read == written) << "seed " << seed << "\n" << rendered(written) << rendered(*read);
  }
}

TEST(FindingsFile, GivesEqualBytesForEqualReports) {
  EXPECT_EQ(rendered(RandomReports(7).report()), rendered(RandomReports(7).report()));
  EXPECT_NE(rendered(RandomReports(7).report()), rendered(RandomReports(8).report()));
}

TEST(FindingsFile, RepairsTextThatIsNotUtf8) {
  Report report;
  report.notes = {"broken \xff text"};
  auto json = llvm::json::parse(rendered(report));
  ASSERT_TRUE(static_cast<bool>(json)) << llvm::toString(json.takeError());
}

TEST(FindingsFile, SaysWhenThereIsNoFile) {
  auto report = readFindings("/nowhere/findings.json");
  ASSERT_FALSE(static_cast<bool>(report));
  EXPECT_EQ(llvm::toString(report.takeError()),
            "cannot read findings file /nowhere/findings.json: No such file or directory");
}

TEST(FindingsFile, RejectsEveryTruncation) {
  std::string whole = rendered(RandomReports(3).report());
  for (std::size_t length = 0; length + 2 < whole.size(); length += 1 + whole.size() / 50)
    EXPECT_NE(errorOf(whole.substr(0, length)), "read without an error") << length;
  expectError(whole.substr(0, whole.size() / 2), "damaged or cut short");
}

TEST(FindingsFile, RejectsOtherFiles) {
  expectError("#include <vector>\n", "not a findings file of deadheat");
  expectError("{\"version\": \"2.1.0\", \"runs\": []}", "not a findings file of deadheat");
  expectError("[1, 2]", "not a findings file of deadheat");
  expectError("", "not a findings file of deadheat");
}

TEST(FindingsFile, RejectsOtherVersionsAndSaysWhichItReads) {
  std::string other = replaced(rendered(Report()), "\"version\": 3\n", "\"version\": 99\n");
  expectError(other, "findings format version 99, but this deadheat reads version 3");
}

TEST(FindingsFile, NamesTheMemberThatIsWrong) {
  Report report;
  report.findings.push_back(RandomReports(1).finding());
  report.findings[0].verdict.kind = Verdict::Kind::NotRun;
  std::string text = rendered(report);
  expectError(replaced(text, "\"kind\": \"not-run\"", "\"kind\": \"perhaps\""), "findings[0].verdict.kind");
  expectError(replaced(text, "\"fixHint\"", "\"fixHunt\""), "missing at findings file.findings[0].fixHint");
  expectError(replaced(text, "\"unitsAnalysed\": 0", "\"unitsAnalysed\": -1"), "unitsAnalysed");
}

}  // namespace
}  // namespace deadheat
