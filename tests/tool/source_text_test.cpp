#include "tool/report/source_text.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tool/report/line_hash.h"

namespace deadheat {
namespace {

TEST(SourceText, GivesLinesWithoutTheirEnds) {
  TemporaryFolder folder;
  std::string file = folder.write("a.c", "one\r\ntwo\n\nfour");
  SourceText sources;
  EXPECT_EQ(sources.line(file, 1), "one");
  EXPECT_EQ(sources.line(file, 2), "two");
  EXPECT_EQ(sources.line(file, 3), "");
  EXPECT_EQ(sources.line(file, 4), "four");
  EXPECT_EQ(sources.line(file, 5), std::nullopt);
  EXPECT_EQ(sources.line(file, 0), std::nullopt);
  EXPECT_EQ(sources.line("/nowhere/a.c", 1), std::nullopt);
}

TEST(SourceText, FindsTheEndOfAToken) {
  EXPECT_EQ(tokenEnd("  hits_2++;", 3), 9u);
  EXPECT_EQ(tokenEnd("  hits++;", 7), 8u);
  EXPECT_EQ(tokenEnd("ab", 1), 3u);
  EXPECT_EQ(tokenEnd("ab", 9), 10u);
}

TEST(SourceText, CountsColumnsInUtf16Units) {
  EXPECT_EQ(utf16Column("abc", 3), 3u);
  EXPECT_EQ(utf16Column("\u00e9x", 3), 2u);
  EXPECT_EQ(utf16Column("\u65e5x", 4), 2u);
  EXPECT_EQ(utf16Column("\U0001d11ex", 5), 3u);
  EXPECT_EQ(utf16Column("ab", 5), 5u);
}

/// The definition, read literally: the hash of the 100 units from the line's start on.
std::string naiveHash(const std::string& units) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 100; ++i)
    hash = hash * 37 + (i < units.size() ? static_cast<unsigned char>(units[i]) : i == units.size() ? 0xFFFF : 0);
  char text[32];
  std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(hash));
  return text;
}

TEST(LineHash, OfAnEmptyFileIsWhatGitHubComputes) {
  EXPECT_EQ(lineHashes(""), std::vector<std::string>{"c129715d7a2bc9a3:1"});
}

TEST(LineHash, AgreesWithTheDefinition) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "line " + std::to_string(i * i) + ";\n";
  std::string units;
  for (char c : text)
    if (c != ' ') units += c;
  std::vector<std::string> hashes = lineHashes(text);
  ASSERT_EQ(hashes.size(), 41u);
  std::size_t start = 0;
  for (const std::string& hash : hashes) {
    EXPECT_EQ(hash, naiveHash(units.substr(start)) + ":1");
    start = units.find('\n', start) + 1;
  }
}

TEST(LineHash, IgnoresIndentationAndKindsOfLineEnds) {
  EXPECT_EQ(lineHashes("a b\n\tc\n"), lineHashes("ab\r\nc\r\n"));
  EXPECT_EQ(lineHashes("a\nb\n"), lineHashes("a\rb\r"));
  EXPECT_NE(lineHashes("a\nb\n"), lineHashes("a\nc\n"));
}

TEST(LineHash, NumbersEqualLines) {
  std::string block = "x();\n" + std::string(120, 'y') + "\n";
  std::vector<std::string> hashes = lineHashes(block + block + block);
  EXPECT_TRUE(hashes[0].ends_with(":1"));
  EXPECT_EQ(hashes[2], hashes[0].substr(0, hashes[0].size() - 1) + "2");
}

}  // namespace
}  // namespace deadheat
