// Every line of blind_spots.txt, built by both compilers: bugs are told, correct programs are not.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/runtime/program.h"

namespace deadheat::rt {
namespace {

using protocol::RecordType;

struct BlindSpot {
  std::string what, program, story, truth, stock;
};

void PrintTo(const BlindSpot& spot, std::ostream* out) { *out << spot.what; }

std::string nextField(std::istringstream& line) {
  std::string field;
  std::getline(line, field, '|');
  std::size_t begin = field.find_first_not_of(' ');
  return begin == std::string::npos ? "" : field.substr(begin, field.find_last_not_of(' ') + 1 - begin);
}

std::vector<BlindSpot> blindSpots() {
  std::vector<BlindSpot> spots;
  std::ifstream file(DEADHEAT_SOURCE_DIR "/tests/runtime/blind_spots.txt");
  for (std::string text; std::getline(file, text);) {
    if (text.empty() || text[0] == '#') continue;
    std::istringstream line(text);
    BlindSpot spot;
    for (std::string* field : {&spot.what, &spot.program, &spot.story, &spot.truth, &spot.stock}) *field = nextField(line);
    spots.push_back(spot);
  }
  return spots;
}

class BlindSpotProgram : public testing::TestWithParam<std::tuple<BlindSpot, const char*>> {};

TEST_P(BlindSpotProgram, IsSeenAsItIs) {
  const auto& [spot, family] = GetParam();
  ASSERT_TRUE(spot.truth == "bug" || spot.truth == "safe") << spot.what;
  ASSERT_FALSE(spot.stock.empty()) << spot.what;
  ProgramRun run = runProgram(programPath(spot.program, family), spot.story, {}, 60);
  std::size_t told = 0;
  for (RecordType type : {RecordType::Race, RecordType::LockCycle, RecordType::Deadlock, RecordType::Misuse})
    told += run.recording.count(type);
  EXPECT_EQ(told != 0, spot.truth == "bug") << spot.what << ": " << run.summary();
  EXPECT_EQ(run.output.find("no such story"), std::string::npos);
  if (spot.truth == "safe") EXPECT_EQ(run.exitCode, 0) << run.summary();
}

INSTANTIATE_TEST_SUITE_P(Lines, BlindSpotProgram,
                         testing::Combine(testing::ValuesIn(blindSpots()), testing::Values("clang", "gcc")),
                         [](const auto& info) {
                           return std::get<0>(info.param).story + "_" + std::get<1>(info.param);
                         });

}  // namespace
}  // namespace deadheat::rt
