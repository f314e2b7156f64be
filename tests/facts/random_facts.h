// Random facts, for round trips and for corpora of files that are nearly right.
#pragma once

#include <random>

#include "analyzers/facts/tu_facts.h"

namespace deadheat {

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
  static constexpr unsigned kEvents = 22;
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
      case 3: return Call{callee(), value(), {value(), value()}, path(), flip()};
      case 4: return Spawn{callee(), std::nullopt, {value()}, path(), SpawnWhere::Async, text()};
      case 5: return Join{path(), Join::By::End, true};
      case 6: return Detach{path()};
      case 7: return Wait{path(), path(), Wait::Guarded::Predicate, flip(), flip(), text()};
      case 8: return Notify{path(), Notify::Whom::All, flip()};
      case 9: return Block{text(), path()};
      case 10: return Suspend{Suspend::Kind::Yield, text(), path(), text(), Resumption::Anywhere};
      case 11: return Assign{path(), value()};
      case 12: return Allocate{path(), text()};
      case 13: return Free{path()};
      case 14: return Escape{value()};
      case 15: return Compute{path(), {path(), path()}};
      case 16: return Abandon{path(), Abandon::How::Overwritten};
      case 17: return LibraryCall{text(), {text(), text()}, AccessKind::Read, LibraryCall::InSignal::Unsafe, text(), text()};
      case 19: return Resume{path(), Resume::How::Destroy};
      case 18: return Awaited{path()};
      case 20: return ResultUse{path(), ResultUse::Side::Reader, ResultUse::How::Polls};
      default: return Return{value(), {path()}};
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
    if (flip()) f.coroutine = Coroutine{Coroutine::Start::Lazy, flip(), flip(), Resumption::Executor, text(), text()};
    f.location = location();
    for (unsigned kind = 0; kind < kEvents; ++kind) {
      f.blocks.push_back({{{location(), event(kind)}}, {below(kEvents), below(kEvents)}});
      if (flip()) f.blocks.back().branch.emplace().depends = {path()};
    }
    f.exit = below(kEvents);
    return f;
  }
  std::mt19937 draw_;
};

}  // namespace deadheat
