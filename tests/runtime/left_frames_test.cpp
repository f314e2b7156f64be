// What is remembered of frames that were left, against a plain record of every byte.
#include "runtime/schedule/left_frames.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace deadheat::rt {
namespace {

TEST(LeftFrames, KnowTheLatestEndOfEachPlaceInTheStack) {
  constexpr Address kBase = 1000, kDeepest = 24;
  std::mt19937 random(7);
  LeftFrames left{};
  std::vector<Epoch> plain(kBase);  // By address: when the frame it was in was left last; 0: never.
  std::vector<Address> ends{kBase};
  for (Epoch now = 1; now < 100'000; ++now) {
    if (ends.size() < kDeepest && random() % 2 == 0) {
      ends.push_back(ends.back() - 1 - random() % 40);
    } else if (ends.size() > 1) {
      left.add({ends.back(), now, 0, 0});
      for (Address at = 0; at < ends.back(); ++at) plain[at] = now;
      ends.pop_back();
    }
    const Address asked = random() % kBase;
    const LeftFrame* found = left.at(asked);
    ASSERT_EQ(found == nullptr ? 0 : found->epoch, plain[asked]) << "after " << now;
  }
}

TEST(LeftFrames, ForgetOnlyTheDeepest) {
  LeftFrames left{};
  for (Address depth = 0; depth < 2 * LeftFrames::kMost; ++depth) left.add({1000 - depth, depth + 1, 0, 0});
  ASSERT_NE(left.at(999), nullptr);
  EXPECT_EQ(left.at(999)->epoch, 1u);
  EXPECT_EQ(left.at(1)->epoch, LeftFrames::kMost);
  EXPECT_EQ(left.at(1000), nullptr);
}

}  // namespace
}  // namespace deadheat::rt
