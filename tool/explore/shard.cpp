#include "tool/explore/shard.h"

#include <cstdlib>
#include <optional>

#include "llvm/ADT/StringRef.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

std::optional<std::size_t> numberIn(const char* variable) {
  const char* text = std::getenv(variable);
  std::size_t number = 0;
  if (!text || llvm::StringRef(text).getAsInteger(10, number)) return std::nullopt;
  return number;
}

/// Tasks of an array are numbered from any number on, in steps of any size.
std::optional<Shard> slurmShard() {
  auto id = numberIn("SLURM_ARRAY_TASK_ID"), count = numberIn("SLURM_ARRAY_TASK_COUNT");
  if (!id || !count) return std::nullopt;
  const std::size_t first = numberIn("SLURM_ARRAY_TASK_MIN").value_or(0);
  const std::size_t step = std::max<std::size_t>(numberIn("SLURM_ARRAY_TASK_STEP").value_or(1), 1);
  return Shard{(*id - first) / step, *count};
}

std::optional<Shard> testShard() {
  auto index = numberIn("TEST_SHARD_INDEX"), count = numberIn("TEST_TOTAL_SHARDS");
  if (!index || !count) return std::nullopt;
  return Shard{*index, *count};
}

}  // namespace

llvm::Expected<Shard> shardOf(const std::string& text) {
  if (text.empty()) {
    const Shard shard = testShard().value_or(slurmShard().value_or(Shard{}));
    if (shard.index < shard.count) return shard;
    return failure("the environment asks for shard ", shard.index + 1, " of ", shard.count);
  }
  auto [index, count] = llvm::StringRef(text).split('/');
  Shard shard;
  if (index.getAsInteger(10, shard.index) || count.getAsInteger(10, shard.count) || shard.index == 0 ||
      shard.index > shard.count)
    return failure("'", text, "' is no shard: say I/N, from 1/N to N/N");
  --shard.index;
  return shard;
}

}  // namespace deadheat
