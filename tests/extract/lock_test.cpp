#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

const std::string kHead = "#include <mutex>\n#include <shared_mutex>\n#include <chrono>\nstd::mutex m, n; int g;\n";

TEST(Locks, ByHand) {
  EXPECT_EQ(eventsOf(kHead + "void f() { m.lock(); ++g; m.unlock(); }", "f"),
            (Lines{"acquire m", "read-write g", "release m"}));
}

TEST(Locks, GuardHoldsUntilTheEndOfItsScope) {
  EXPECT_EQ(eventsOf(kHead + "void f() { { std::lock_guard<std::mutex> l(m); ++g; } g = 0; }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard", "read-write g", "release $l.$lock* guard",
                   "write g"}));
}

TEST(Locks, GuardIsReleasedOnEveryWayOut) {
  EXPECT_EQ(graphOf(kHead + R"(void f() {
    for (;;) {
      std::lock_guard l(m);
      if (g == 1) continue;
      if (g == 2) break;
      if (g == 3) return;
    } })", "f"),
            R"(f
  block 0 -> 1
  block 1 -> 2
  block 2 -> 9 3
    assign $l.$lock = &m
    acquire $l.$lock* guard
    read g
  block 3 -> 7 4
    read g
  block 4 -> 6 5
    read g
  block 5 -> 10
    release $l.$lock* guard
  block 6 -> 8
    release $l.$lock* guard
  block 7 -> 8
    release $l.$lock* guard
  block 8 ->
  block 9 -> 10
    release $l.$lock* guard
  block 10 -> 1
)");
}

TEST(Locks, GotoOutOfAScopeReleases) {
  EXPECT_EQ(eventsOf(kHead + "void f() { { std::lock_guard l(m); goto out; } out: g = 1; }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard", "release $l.$lock* guard", "write g"}));
}

TEST(Locks, ScopedLockTakesAllAtOnce) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::scoped_lock l(m, n); ++g; }", "f"),
            (Lines{"assign $l.$lock0 = &m", "assign $l.$lock1 = &n", "acquire $l.$lock0* guard group 1",
                   "acquire $l.$lock1* guard group 1", "read-write g", "release $l.$lock1* guard",
                   "release $l.$lock0* guard"}));
}

TEST(Locks, StdLockThenAdopt) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::lock(m, n); std::lock_guard a(m, std::adopt_lock); m.native_handle(); "
                             "std::lock_guard b(n, std::adopt_lock); }", "f"),
            (Lines{"acquire m group 1", "acquire n group 1", "assign $a.$lock = &m", "guard $a adopted $a.$lock*", "assign $b.$lock = &n", "guard $b adopted $b.$lock*",
                   "release $b.$lock* guard", "release $a.$lock* guard"}));
}

TEST(Locks, DeferredGuardLocksLater) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::unique_lock l(m, std::defer_lock); l.lock(); ++g; l.unlock(); }", "f"),
            (Lines{"assign $l.$lock = &m", "guard $l deferred $l.$lock*", "acquire $l.$lock* guard", "read-write g", "release $l.$lock* guard",
                   "release $l.$lock* guard"}));
}

TEST(Locks, ReadersAndWriters) {
  EXPECT_EQ(eventsOf(kHead + "std::shared_mutex s; int f() { std::shared_lock l(s); return g; }", "f"),
            (Lines{"assign $l.$lock = &s", "acquire $l.$lock* shared guard", "read g",
                   "release $l.$lock* shared guard"}));
  EXPECT_EQ(eventsOf(kHead + "std::shared_mutex s; void f() { s.lock_shared(); s.unlock_shared(); }", "f"),
            (Lines{"acquire s shared", "release s shared"}));
}

TEST(Locks, RecursiveMutexSaysSo) {
  EXPECT_EQ(eventsOf(kHead + "std::recursive_mutex r; void f() { std::lock_guard l(r); }", "f"),
            (Lines{"assign $l.$lock = &r", "acquire $l.$lock* guard recursive", "release $l.$lock* guard"}));
}

TEST(Locks, MovedGuardDoesNotRelease) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::unique_lock a(m); std::unique_lock b(std::move(a)); ++g; }", "f"),
            (Lines{"assign $a.$lock = &m", "acquire $a.$lock* guard", "assign $b.$lock = $a.$lock", "read-write g",
                   "release $b.$lock* guard"}));
}

TEST(Locks, ReturnedGuardStaysHeld) {
  EXPECT_EQ(eventsOf(kHead + "std::unique_lock<std::mutex> f() { std::unique_lock l(m); return l; }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard", "assign $tmp.$lock = $l.$lock",
                   "return object $tmp"}));
}

TEST(Locks, DisownedGuardDoesNotRelease) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::unique_lock l(m); l.release(); }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard"}));
}

TEST(Locks, GuardAsAParameterAndAsAMember) {
  EXPECT_EQ(eventsOf(kHead + "void f(std::unique_lock<std::mutex>& l) { l.unlock(); }", "f"),
            Lines{"release %l*.$lock* guard"});
  const Extraction unit = extractText(kHead + "struct S { explicit S(std::mutex& x) : l(x) {} ~S() {} std::lock_guard<std::mutex> l; };");
  EXPECT_EQ(eventsOf(unit.facts, "S::S"), (Lines{"assign this.l.$lock = &%x*", "acquire this.l.$lock* guard"}));
  EXPECT_EQ(eventsOf(unit.facts, "S::~S"), Lines{"release this.l.$lock* guard"});
}

TEST(Locks, UserGuardsAreOrdinaryClasses) {
  const Extraction unit = extractText(kHead + "struct G { std::mutex& k; G(std::mutex& x) : k(x) { k.lock(); } ~G() { k.unlock(); } };"
                                              "void f() { G l(m); ++g; }");
  EXPECT_EQ(eventsOf(unit.facts, "f"), (Lines{"call G::G(&m) on &$l", "read-write g", "call G::~G() on &$l"}));
  EXPECT_EQ(eventsOf(unit.facts, "G::G"), (Lines{"assign this.k = &%x*", "acquire this.k*"}));
  EXPECT_EQ(eventsOf(unit.facts, "G::~G"), Lines{"release this.k*"});
}

TEST(Locks, GuardOverAUserLockCallsIt) {
  EXPECT_EQ(eventsOf(kHead + "struct L { std::mutex k; void lock() { k.lock(); } void unlock() { k.unlock(); } } u; "
                             "void f() { std::lock_guard<L> l(u); }", "f"),
            (Lines{"assign $l.$lock = &u", "call L::lock() on &$l.$lock*", "call L::unlock() on &$l.$lock*"}));
}

TEST(Locks, DerivedMutexIsAMutex) {
  EXPECT_EQ(eventsOf(kHead + "struct Mine : std::mutex { int x; } mine; void f() { std::lock_guard<Mine> l(mine); mine.unlock(); }", "f"),
            (Lines{"assign $l.$lock = &mine", "acquire $l.$lock* guard", "release mine", "release $l.$lock* guard"}));
}

TEST(Locks, SpinLocksMadeByHandAreAtomicsUntilTheWholeProgramIsSeen) {
  const Extraction unit = extractText("#include <atomic>\nstruct Spin { std::atomic_flag f; void lock() { while "
                                      "(f.test_and_set(std::memory_order_acquire)) {} } void unlock() { f.clear(); } };");
  EXPECT_EQ(eventsOf(unit.facts, "Spin::lock"), Lines{"read-write this.f atomic acquire"});
  EXPECT_EQ(eventsOf(unit.facts, "Spin::unlock"), Lines{"write this.f atomic seq_cst"});
}

TEST(Locks, AGuardCallsTheLockFunctionsOfAClass) {
  const Extraction unit = extractText("#include <mutex>\nstruct L { void lock(); void unlock(); }; L l; void f() { "
                                      "std::lock_guard<L> guard(l); }");
  EXPECT_EQ(eventsOf(unit.facts, "f").size(), 3u);
}

TEST(TryLocks, HeldOnTheBranchWhereItSucceeded) {
  EXPECT_EQ(graphOf(kHead + "void f() { if (m.try_lock()) { ++g; m.unlock(); } }", "f"),
            R"(f
  block 0 -> 1
  block 1 -> 4 3
  block 2 -> 3
    read-write g
    release m
  block 3 ->
  block 4 -> 2
    acquire m try
)");
}

TEST(TryLocks, NegatedAndThroughAVariable) {
  EXPECT_EQ(graphOf(kHead + "void f() { bool ok = m.try_lock(); if (!ok) return; ++g; }", "f"),
            R"(f
  block 0 -> 1
  block 1 -> 3 5
    flag $ok
  block 2 -> 4
    read-write g
  block 3 -> 4
  block 4 ->
  block 5 -> 2
    acquire m try
)");
}

/// Assertions of test frameworks make an object of the answer, and test that.
TEST(TryLocks, WhatAnAssertionExpectsIsTakenToBeSo) {
  const std::string outcome = kHead + "struct Outcome { template <class T> explicit Outcome(const T& t, int = 0); ~Outcome();"
                                      " operator bool() const; }; void fail(); ";
  const auto first = [&](const std::string& asserted) {
    const Lines events = eventsOf(outcome + "void f() { if (const Outcome o = Outcome(" + asserted + ")) ; else fail(); }", "f");
    return events.empty() ? std::string() : events.front();
  };
  EXPECT_EQ(first("m.try_lock()"), "acquire m try");
  EXPECT_EQ(first("!m.try_lock()").find("acquire"), std::string::npos);
}
TEST(TryLocks, AnOptionalIsAskedForSomethingElse) {
  EXPECT_EQ(graphOf(kHead + "#include <optional>\nvoid f() { std::optional<bool> o(m.try_lock()); if (o) ++g; }", "f").find("acquire"),
            std::string::npos);
}

TEST(TryLocks, GuardsOwnAnswer) {
  const std::string byMethod =
      graphOf(kHead + "void f() { std::unique_lock l(m, std::try_to_lock); if (l.owns_lock()) ++g; }", "f");
  const std::string byBool = graphOf(kHead + "void f() { std::unique_lock l(m, std::try_to_lock); if (l) ++g; }", "f");
  EXPECT_EQ(byMethod, byBool);
  EXPECT_NE(byMethod.find("acquire $l.$lock* try guard"), std::string::npos) << byMethod;
}

TEST(TryLocks, TimedAttempts) {
  EXPECT_EQ(eventsOf(kHead + "std::timed_mutex t; void f() { if (t.try_lock_for(std::chrono::seconds(1))) t.unlock(); }", "f"),
            (Lines{"release t", "acquire t timed"}));
}

TEST(TryLocks, UntestedAttemptsHoldNothing) {
  EXPECT_EQ(eventsOf(kHead + "void f() { m.try_lock(); }", "f"), Lines{});
}

TEST(TryLocks, AnAttemptThatABranchDecidedIsNotDividedAgainAtTheReturn) {
  const std::string graph = graphOf(kHead + "bool f() { bool ok = m.try_lock(); if (!ok) return ok; m.unlock(); return true; }", "f");
  std::size_t taken = 0;
  for (std::size_t at = graph.find("acquire m try"); at != std::string::npos; at = graph.find("acquire m try", at + 1)) ++taken;
  EXPECT_EQ(taken, 1u) << graph;
}

TEST(TryLocks, AReturnedAttemptHoldsWhereItReturnsTrue) {
  EXPECT_EQ(graphOf(kHead + "bool f() { return m.try_lock(); }", "f"), R"(f
  block 0 -> 1
  block 1 -> 3 4
  block 2 ->
  block 3 -> 2
    acquire m try
  block 4 -> 2
)");
}

TEST(Unwinding, HandlerDoesNotHoldTheGuardsOfTheBody) {
  EXPECT_EQ(graphOf(kHead + "void w(); void f() { try { std::lock_guard l(m); w(); } catch (...) { g = 1; } }", "f"),
            R"(f
  block 0 -> 1
  block 1 -> 4 2
    assign $l.$lock = &m
    acquire $l.$lock* guard
    call w()
    release $l.$lock* guard
  block 2 -> 3
    release $l.$lock* guard
  block 3 -> 4
    write g
  block 4 ->
)");
}

TEST(Unwinding, ThrowOutOfTheFunctionReleases) {
  EXPECT_EQ(graphOf(kHead + "void f(bool b) { std::lock_guard l(m); if (b) throw 1; ++g; }", "f"),
            R"(f
  block 0 -> 1
  block 1 -> 4 2
    assign $l.$lock = &m
    acquire $l.$lock* guard
  block 2 -> 3
    read-write g
    release $l.$lock* guard
  block 3 ->
  block 4 ->
    release $l.$lock* guard
    throw
)");
}

TEST(Unwinding, CallsThatDoNotReturnEndTheirBlock) {
  EXPECT_EQ(graphOf(kHead + "#include <cstdlib>\nvoid f() { m.lock(); if (g) std::abort(); m.unlock(); }", "f"),
            R"(f
  block 0 -> 1
  block 1 -> 4 2
    acquire m
    read g
  block 2 -> 3
    release m
  block 3 ->
  block 4 ->
)");
}

}  // namespace
}  // namespace deadheat::test
