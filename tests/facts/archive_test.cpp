#include "analyzers/facts/archive.h"

#include <gtest/gtest.h>

#include "tests/facts/random_facts.h"

namespace deadheat {
namespace {

std::string errorOf(llvm::StringRef bytes) {
  auto facts = readFacts(bytes, "a.facts");
  return facts ? "no error" : llvm::toString(facts.takeError());
}

TEST(FactsArchive, GivesBackWhatWasWritten) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    TuFacts facts = RandomFacts(seed).facts();
    auto back = readFacts(writeFacts(facts), "a.facts");
    ASSERT_TRUE(static_cast<bool>(back)) << llvm::toString(back.takeError());
    ASSERT_EQ(*back, facts) << "seed " << seed;
    EXPECT_EQ(writeFacts(*back), writeFacts(facts));
  }
}

TEST(FactsArchive, TheBytesOfVersionOneNeverChange) {
  TuFacts facts;
  facts.mainFile = "a.cpp";
  facts.files = {"", "a.cpp"};
  EXPECT_EQ(writeFacts(facts).substr(32), std::string("\x02\x05" "a.cpp\x00\x00\x02\x01\x00\x00\x00\x00\x00", 17));
}

TEST(FactsArchive, RejectsEveryTruncationWithOneLine) {
  std::string bytes = writeFacts(RandomFacts(7).facts());
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 16) {
    std::string error = errorOf(llvm::StringRef(bytes).take_front(size));
    EXPECT_TRUE(error.find("truncated") != std::string::npos || size == 0) << size << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
  EXPECT_EQ(errorOf(""), "a.facts: not a deadheat facts file");
}

TEST(FactsArchive, RejectsEveryFlippedByte) {
  std::string bytes = writeFacts(RandomFacts(3).facts());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at >= 12 && at < 16) continue;  // reserved
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0x41);
    EXPECT_NE(errorOf(broken), "no error") << "byte " << at;
  }
}

TEST(FactsArchive, NamesTheVersionItCannotRead) {
  std::string bytes = writeFacts({});
  bytes[8] = 99;
  EXPECT_EQ(errorOf(bytes), "a.facts: facts of version 99, this deadheat reads version " +
                                std::to_string(kFactsVersion) + "; extract it again");
}

TEST(FactsArchive, SaysWhenAFileIsSomethingElse) {
  EXPECT_EQ(errorOf("#include <thread>\nint main() {}\n"), "a.facts: not a deadheat facts file");
}

}  // namespace
}  // namespace deadheat
