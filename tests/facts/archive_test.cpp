#include "analyzers/facts/archive.h"

#include <gtest/gtest.h>

#include <random>

namespace deadheat {
namespace {

/// Random facts that use every event and every optional part, for a given seed.
class RandomFacts {
 public:
  explicit RandomFacts(unsigned seed) : draw_(seed) {}

  TuFacts facts() {
    TuFacts facts;
    facts.mainFile = text();
    for (unsigned i = kFiles; i > 0; --i) facts.files.push_back(text());
    for (unsigned i = below(6); i > 0; --i) facts.functions.push_back(function());
    facts.records.push_back({text(), {text()}, {{text(), text(), Record::Field::Kind::Lock, location()}}, location()});
    facts.globals.push_back({text(), text(), text(), flip(), flip(), location()});
    facts.diagnostics.push_back({Diagnostic::Severity::Warning, location(), text()});
    return facts;
  }

 private:
  unsigned below(unsigned limit) { return draw_() % limit; }
  bool flip() { return below(2) == 1; }
  std::string text() { return std::string(below(4), static_cast<char>(below(256))) + std::to_string(below(50)); }
  static constexpr unsigned kFiles = 5;
  Location location() { return {below(kFiles), below(4'000'000'000u), below(300)}; }
  Path path() {
    Path path{{static_cast<RootKind>(below(8)), below(9), text(), text()}, {}, flip()};
    for (unsigned i = below(4); i > 0; --i) path.steps.push_back({static_cast<PathStep::Kind>(below(3)), text(), text()});
    return path;
  }
  Value value() { return {static_cast<Value::Kind>(below(6)), path(), text()}; }
  Callee callee() { return {static_cast<Callee::Kind>(below(3)), text(), value(), text(), text()}; }
  EventKind event(unsigned kind) {
    switch (kind) {
      case 0: return Access{path(), AccessKind::ReadWrite, Atomicity::Atomic, MemoryOrder::AcqRel, text(), text()};
      case 1: return Acquire{path(), LockMode::Shared, LockWait::Try, LockHolder::Guard, Recursion::Yes, below(9), text()};
      case 2: return Release{path(), LockMode::Shared, LockHolder::Guard};
      case 3: return Call{callee(), value(), {value(), value()}, path()};
      case 4: return Spawn{callee(), std::nullopt, {value()}, path(), SpawnWhere::Async, text()};
      case 5: return Join{path(), Join::By::End};
      case 6: return Detach{path()};
      case 7: return Wait{path(), path(), Wait::Guarded::Predicate, flip(), flip(), text()};
      case 8: return Notify{path(), Notify::Whom::All};
      case 9: return Block{text(), path()};
      case 10: return Suspend{text()};
      case 11: return Assign{path(), value()};
      case 12: return Allocate{path(), text()};
      case 13: return Free{path()};
      case 14: return Escape{value()};
      case 15: return Abandon{path(), Abandon::How::Overwritten};
      case 16: return LibraryCall{text(), {text(), text()}, AccessKind::Read, LibraryCall::InSignal::Unsafe, text(), text()};
      case 17: return Awaited{path()};
      default: return Return{value()};
    }
  }
  Function function() {
    Function f;
    f.id = text();
    f.name = text();
    f.reach = Function::Reach::Private;
    f.isVirtual = flip();
    f.overrides = {text()};
    f.parameters = {{text(), text()}};
    f.location = location();
    for (unsigned kind = 0; kind < 19; ++kind) f.blocks.push_back({{{location(), event(kind)}}, {below(16), below(16)}});
    f.exit = below(16);
    return f;
  }
  std::mt19937 draw_;
};

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
