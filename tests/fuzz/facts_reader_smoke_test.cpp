// The fuzz target over a corpus made here: facts cut short at every length, with flipped bits, with parts of one in
// another. Fixed seeds, so a failure comes again.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "analyzers/facts/archive.h"
#include "tests/facts/random_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace deadheat {
namespace {

void feed(const std::string& bytes) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
}

std::string archive(unsigned seed) { return writeFacts(RandomFacts(seed).facts()); }

TEST(FactsReaderFuzz, SurvivesEveryTruncation) {
  const std::string bytes = archive(1);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 64) feed(bytes.substr(0, size));
}

TEST(FactsReaderFuzz, SurvivesFlippedBits) {
  std::mt19937 draw(2);
  for (unsigned seed = 0; seed < 20; ++seed) {
    const std::string bytes = archive(seed);
    for (int i = 0; i < 150; ++i) {
      std::string broken = bytes;
      for (unsigned flips = 1 + draw() % 4; flips > 0; --flips) broken[draw() % broken.size()] ^= static_cast<char>(1U << draw() % 8);
      feed(broken);
    }
  }
}

TEST(FactsReaderFuzz, SurvivesHugeNumbersAnywhere) {
  std::mt19937 draw(3);
  const std::string bytes = archive(4);
  for (int i = 0; i < 500; ++i) {
    std::string broken = bytes;
    broken.replace(32 + draw() % (broken.size() - 32), 1, "\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
    feed(broken);
  }
}

TEST(FactsReaderFuzz, SurvivesNumbersThatDoNotEnd) {
  std::mt19937 draw(7);
  const std::string bytes = archive(4);
  for (int i = 0; i < 500; ++i) {
    std::string broken = bytes;
    broken.replace(32 + draw() % (broken.size() - 32), 1, std::string(9 + draw() % 30, '\x80'));
    feed(broken);
  }
}

TEST(FactsReaderFuzz, SurvivesPartsOfOtherFacts) {
  std::mt19937 draw(5);
  for (int i = 0; i < 300; ++i) {
    const std::string one = archive(draw() % 50);
    const std::string other = archive(draw() % 50);
    feed(one.substr(0, draw() % one.size()) + other.substr(draw() % other.size()));
  }
}

TEST(FactsReaderFuzz, AndIsNotOnlyToldErrors) {
  for (unsigned seed = 0; seed < 20; ++seed) EXPECT_TRUE(static_cast<bool>(readFacts(archive(seed), "a")));
}

}  // namespace
}  // namespace deadheat
