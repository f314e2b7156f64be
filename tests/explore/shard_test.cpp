// Which part of an exploration is ours.
#include "tool/explore/shard.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace deadheat {
namespace {

class ShardOf : public testing::Test {
 protected:
  ~ShardOf() override {
    for (const char* name : kNames) unsetenv(name);
  }
  static void set(const char* name, const char* value) { setenv(name, value, 1); }
  static Shard of(const std::string& text) {
    auto shard = shardOf(text);
    EXPECT_TRUE(static_cast<bool>(shard)) << llvm::toString(shard.takeError());
    return *shard;
  }
  static bool refuses(const std::string& text) {
    auto shard = shardOf(text);
    if (shard) return false;
    llvm::consumeError(shard.takeError());
    return true;
  }
  static constexpr const char* kNames[] = {"TEST_SHARD_INDEX",        "TEST_TOTAL_SHARDS",    "SLURM_ARRAY_TASK_ID",
                                           "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP"};
};

TEST_F(ShardOf, CountsFromOne) {
  EXPECT_EQ(of("1/4"), (Shard{0, 4}));
  EXPECT_EQ(of("4/4"), (Shard{3, 4}));
  for (const char* wrong : {"0/4", "5/4", "2", "a/b", "1/0", "-1/2"}) EXPECT_TRUE(refuses(wrong)) << wrong;
}

TEST_F(ShardOf, IsAllUnlessTheEnvironmentSaysOtherwise) {
  EXPECT_EQ(of(""), Shard{});
  set("TEST_SHARD_INDEX", "2");
  set("TEST_TOTAL_SHARDS", "5");
  EXPECT_EQ(of(""), (Shard{2, 5}));
  EXPECT_EQ(of("1/2"), (Shard{0, 2}));  // What is asked for goes first.
}

TEST_F(ShardOf, KnowsSlurmsArraysThatBeginAnywhere) {
  set("SLURM_ARRAY_TASK_ID", "16");
  set("SLURM_ARRAY_TASK_COUNT", "4");
  set("SLURM_ARRAY_TASK_MIN", "10");
  set("SLURM_ARRAY_TASK_STEP", "3");
  EXPECT_EQ(of(""), (Shard{2, 4}));
  set("SLURM_ARRAY_TASK_ID", "40");
  EXPECT_TRUE(refuses(""));
}

}  // namespace
}  // namespace deadheat
