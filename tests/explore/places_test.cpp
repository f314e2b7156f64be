// Which places of a run's steps are worth stalling at.
#include "tool/explore/places.h"

#include <gtest/gtest.h>

#include <set>

namespace deadheat {
namespace {

using protocol::TraceEntry;

constexpr std::uint64_t kLock = 0x1000, kGuarded = 0x2000, kUnguarded = 0x3000;
constexpr std::uint64_t kBoth = 3;  ///< Threads 0 and 1 can go on.

/// `thread` performs what it announced at `pc`, and keeps the turn.
TraceEntry step(std::uint32_t thread, std::uint64_t object, std::uint32_t flags, std::uint64_t pc) {
  TraceEntry entry{};
  entry.kind = protocol::DeviationKind::Switch;
  entry.chosen = entry.keyThread = thread;
  entry.object = object;
  entry.size = 4;
  entry.flags = flags;
  entry.ready = kBoth;
  entry.pc = pc;
  return entry;
}

/// Each thread writes what the lock guards, then what nothing guards; thread 1's code is 0x100 further on.
std::vector<TraceEntry> guardedAndNot() {
  std::vector<TraceEntry> trace;
  for (std::uint32_t thread : {0u, 1u}) {
    const std::uint64_t code = 0x100 * thread;
    trace.push_back(step(thread, kLock, protocol::kTraceChanges | protocol::kTraceAcquires, code + 1));
    trace.push_back(step(thread, kGuarded, protocol::kTraceChanges, code + 2));
    trace.push_back(step(thread, kLock, protocol::kTraceChanges | protocol::kTraceReleases, code + 3));
  }
  for (std::uint32_t thread : {0u, 1u}) trace.push_back(step(thread, kUnguarded, 0, 0x100 * thread + 4));
  trace.push_back(step(1, kUnguarded, protocol::kTraceChanges, 0x105));
  return trace;
}

TEST(RacingPlaces, AreWhereLocksAreTakenAndWhatNoLockGuardsIsUsed) {
  RacingPlaces places;
  EXPECT_TRUE(places.empty());
  places.learn(guardedAndNot());
  std::mt19937_64 random(1);
  std::multiset<std::uint64_t> drawn;
  for (int i = 0; i < 8; ++i) drawn.insert(places.draw(random));
  EXPECT_EQ(drawn, (std::multiset<std::uint64_t>{1, 1, 4, 4, 0x101, 0x101, 0x105, 0x105}))
      << "each twice, since each comes once before one comes again";
}

}  // namespace
}  // namespace deadheat
