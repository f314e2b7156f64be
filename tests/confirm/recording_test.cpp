#include "tool/symbols/recording.h"

#include <gtest/gtest.h>

#include "tests/confirm/recording_builder.h"
#include "tests/support/temporary_folder.h"

namespace deadheat {
namespace {

using Builder = RecordingBuilder;

Recording parsed(const std::string& bytes) {
  auto recording = parseRecording(bytes, "test.rec");
  if (recording) return *recording;
  ADD_FAILURE() << llvm::toString(recording.takeError());
  return {};
}

std::string errorOf(const std::string& bytes) {
  auto recording = parseRecording(bytes, "test.rec");
  return recording ? "" : llvm::toString(recording.takeError());
}

TEST(RecordingReader, ReadsEveryKindOfRecord) {
  Builder builder;
  builder.module("/bin/prog", 0x1000, 0x500, {1, 2, 3}).thread(1, 0, {0x1010, 0x1020});
  builder.race(protocol::RaceProof::Caught, Builder::side(1, protocol::kAccessWrite, 0x9000, {0x1100, 0x1200}, 1),
               Builder::side(0, 0, 0x9002, {0x1300}));
  builder.lockCycle({Builder::edge(1, 0xa0, 0xb0, {0x1}, {0x2}), Builder::edge(2, 0xb0, 0xa0, {0x3}, {0x4, 0x5})});
  builder.deadlock({Builder::stuck(1, protocol::ResourceKind::Mutex, 0xa0, 2, {0x7}, 0xb0, {0x8})});
  builder.misuse(protocol::MisuseKind::UnlockByOther, 0xc0, {0x9}).siteReached(1, 2, true).note("full");
  const Recording recording = parsed(builder.file());

  ASSERT_EQ(recording.modules.size(), 1u);
  EXPECT_EQ(recording.modules[0].path, "/bin/prog");
  EXPECT_EQ(recording.modules[0].buildId, (std::vector<std::uint8_t>{1, 2, 3}));
  ASSERT_EQ(recording.threads.size(), 1u);
  EXPECT_EQ(recording.threads[0].created.counters, (Counters{0x1010, 0x1020}));
  ASSERT_EQ(recording.races.size(), 1u);
  EXPECT_EQ(recording.races[0].sides[0].site, 1u);
  EXPECT_EQ(recording.races[0].sides[1].site, std::nullopt);
  EXPECT_EQ(recording.races[0].sides[0].stack.counters, (Counters{0x1100, 0x1200}));
  EXPECT_EQ(recording.races[0].sides[1].address, 0x9002u);
  ASSERT_EQ(recording.lockCycles.size(), 1u);
  EXPECT_EQ(recording.lockCycles[0].edges[1].wantedStack.counters, (Counters{0x4, 0x5}));
  ASSERT_EQ(recording.deadlocks.size(), 1u);
  EXPECT_EQ(recording.deadlocks[0].threads[0].owner, 2u);
  EXPECT_EQ(recording.deadlocks[0].threads[0].held[0].lock.address, 0xb0u);
  ASSERT_EQ(recording.misuses.size(), 1u);
  EXPECT_EQ(recording.misuses[0].kind, protocol::MisuseKind::UnlockByOther);
  ASSERT_EQ(recording.sitesReached.size(), 1u);
  EXPECT_TRUE(recording.sitesReached[0].held);
  EXPECT_EQ(recording.notes, (std::vector<std::string>{"full"}));
  EXPECT_FALSE(recording.truncated);
}

TEST(RecordingReader, ReadsTheAllocationOfARace) {
  protocol::RaceRecord record{};
  record.header.type = protocol::RecordType::Race;
  record.proof = protocol::RaceProof::Observed;
  record.place.place = protocol::Place::Heap;
  record.place.hasStack = 1;
  record.place.size = 24;
  std::string body = Builder::side(1, 0, 0x10, {0x1}) + Builder::side(2, 0, 0x10, {0x2}) +
                     Builder::bytes(protocol::StackHeader{1, 0}) + Builder::bytes(Counters{0x77});
  record.header.size = static_cast<std::uint32_t>(sizeof(record) + body.size());
  body = Builder::bytes(record) + body;
  Builder builder;
  builder.header().used = body.size();
  const Recording recording = parsed(builder.file(0) + body);
  ASSERT_EQ(recording.races.size(), 1u);
  ASSERT_TRUE(recording.races[0].allocation);
  EXPECT_EQ(recording.races[0].allocation->size, 24u);
  EXPECT_EQ(recording.races[0].allocation->stack.counters, (Counters{0x77}));
  EXPECT_FALSE(recording.races[0].descriptor);
}

TEST(RecordingReader, KeepsWhatACutFileHolds) {
  Builder builder;
  builder.note("first").note("second");
  const std::string whole = builder.file(0);
  for (std::size_t missing : {1u, 8u, 20u, 23u}) {
    const Recording recording = parsed(whole.substr(0, whole.size() - missing));
    EXPECT_TRUE(recording.truncated);
    EXPECT_EQ(recording.notes, (std::vector<std::string>{"first"})) << missing << " bytes missing";
  }
}

TEST(RecordingReader, IgnoresWhatWasNotCompleted) {
  Builder builder;
  builder.note("complete");
  builder.header().used = 8 * 4;
  builder.note("still being written when the program was killed");
  EXPECT_EQ(parsed(builder.file()).notes, (std::vector<std::string>{"complete"}));
}

TEST(RecordingReader, RefusesOtherFilesInOneLine) {
  EXPECT_NE(errorOf("hello").find("too short"), std::string::npos);
  EXPECT_NE(errorOf(std::string(500, 'x')).find("not a deadheat recording"), std::string::npos);
  Builder builder;
  builder.header().version = 99;
  const std::string error = errorOf(builder.file());
  EXPECT_NE(error.find("version 99"), std::string::npos);
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(RecordingReader, RefusesARecordThatCannotBe) {
  Builder builder;
  builder.note("fine").note("broken");
  const std::string good = builder.file();
  const std::size_t second = protocol::kRecordsOffset + 24;
  for (std::uint32_t size : {0u, 4u, 25u, 4096u}) {
    std::string bad = good;
    std::memcpy(&bad[second + 4], &size, sizeof(size));
    EXPECT_NE(errorOf(bad).find("corrupt"), std::string::npos) << size;
  }
}

TEST(RecordingReader, RefusesCountsThatExceedTheRecord) {
  Builder builder;
  builder.thread(1, 0, {0x10});
  std::string bad = builder.file();
  const std::uint32_t many = 0x40000000;
  std::memcpy(&bad[protocol::kRecordsOffset + offsetof(protocol::ThreadRecord, stackSize)], &many, sizeof(many));
  EXPECT_NE(errorOf(bad).find("corrupt"), std::string::npos);
}

TEST(RecordingReader, SurvivesAnySingleChangedByte) {
  Builder builder;
  builder.module("/bin/prog", 0x1000, 0x500).thread(1, 0, {0x10});
  builder.race(protocol::RaceProof::Observed, Builder::side(1, 1, 0x10, {0x1}), Builder::side(2, 0, 0x10, {0x2}));
  builder.deadlock({Builder::stuck(1, protocol::ResourceKind::Mutex, 0xa0, 2, {0x7}, 0xb0, {0x8})});
  const std::string good = builder.file();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0xff);
    refused += !errorOf(bad).empty();
  }
  EXPECT_GT(refused, 0u);
  EXPECT_LT(refused, good.size());
}

TEST(RecordingReader, NamesTheFileItCannotRead) {
  TemporaryFolder folder;
  auto recording = readRecording((folder.path() / "absent.rec").string());
  ASSERT_FALSE(recording);
  EXPECT_NE(llvm::toString(recording.takeError()).find("absent.rec"), std::string::npos);
}

TEST(RecordingReader, BelievesTheLastWordOnAModule) {
  Builder builder;
  builder.module("/lib/old.so", 0x1000, 0x100).module("/lib/new.so", 0x1080, 0x100).module("/lib/c.so", 0x5000, 0x10);
  const Recording recording = parsed(builder.file());
  ASSERT_EQ(recording.modules.size(), 2u);
  EXPECT_EQ(recording.moduleAt(0x1090)->path, "/lib/new.so");
}

TEST(RecordingReader, FindsModulesAndThreads) {
  Builder builder;
  builder.module("/bin/a", 0x1000, 0x100).module("/bin/b", 0x2000, 0x100).thread(3, 0);
  const Recording recording = parsed(builder.file());
  EXPECT_EQ(recording.moduleAt(0x20ff)->path, "/bin/b");
  EXPECT_EQ(recording.moduleAt(0x2100), nullptr);
  EXPECT_EQ(recording.thread(3)->id, 3u);
  EXPECT_EQ(recording.thread(4), nullptr);
}

}  // namespace
}  // namespace deadheat
