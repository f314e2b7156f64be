// wait-without-predicate, wait-wrong-mutex, lost-wakeup, never-notified.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

/// A consumer that waits for `ready` under `mu` and a main that starts it and `producer`.
FactsBuilder handover() {
  FactsBuilder facts;
  facts.global("mu").global("other").global("cv").global("ready");
  facts.function("consumer").acquire("mu").awaits("cv", "mu", "ready").release("mu");
  facts.main().spawn("consumer", "c").spawn("producer", "p").join("c").join("p");
  return facts;
}

TEST(WaitWithoutPredicate, FindsAWaitThatNothingIsTestedRound) {
  FactsBuilder facts;
  facts.global("mu").global("cv");
  auto& f = facts.function("f");
  f.acquire("mu").event(Wait{f.path("cv"), f.path("mu"), Wait::Guarded::No}).release("mu");
  expectOne(findingsOf("wait-without-predicate", facts), "cv", Confidence::High);
}

TEST(WaitWithoutPredicate, TrustsLoopsAndPredicates) {
  FactsBuilder facts;
  facts.global("mu").global("cv").global("ready");
  facts.function("f").acquire("mu").wait("cv", "mu").release("mu");
  facts.function("g").acquire("mu").awaits("cv", "mu", "ready").release("mu");
  expectNone(findingsOf("wait-without-predicate", facts));
}

TEST(WaitWithoutPredicate, LeavesTheLoopToWhoeverHoldsTheLock) {
  FactsBuilder facts;
  facts.global("mu").global("cv").global("ready");
  auto& wrapper = facts.function("sleepOn");
  wrapper.event(Wait{wrapper.path("cv"), wrapper.path("mu"), Wait::Guarded::No});
  facts.function("careful").acquire("mu").beginLoop().read("ready").call("sleepOn").endLoop().release("mu");
  expectNone(findingsOf("wait-without-predicate", facts));
  facts.function("careless").acquire("mu").call("sleepOn").release("mu");
  const auto found = findingsOf("wait-without-predicate", facts);
  expectOne(found, "cv", Confidence::Medium);
  EXPECT_EQ(found[0].location.line / 100, 3u);
}

TEST(WaitWithoutPredicate, AcceptsALoopBetweenTheLockAndTheWait) {
  FactsBuilder facts;
  facts.global("mu").global("cv").global("ready");
  auto& wrapper = facts.function("sleepOn");
  wrapper.event(Wait{wrapper.path("cv"), wrapper.path("mu"), Wait::Guarded::No});
  facts.function("makeRoom").beginLoop().read("ready").call("sleepOn").endLoop();
  facts.function("write").acquire("mu").call("makeRoom").release("mu");
  expectNone(findingsOf("wait-without-predicate", facts));
}

TEST(WaitWithoutPredicate, TakesATimedWaitForASleep) {
  FactsBuilder facts;
  facts.global("mu").global("cv");
  auto& f = facts.function("f");
  f.acquire("mu").event(Wait{f.path("cv"), f.path("mu"), Wait::Guarded::No, true}).release("mu");
  expectNone(findingsOf("wait-without-predicate", facts));
}

TEST(WaitWrongMutex, FindsTwoMutexesForOneCondition) {
  FactsBuilder facts;
  facts.global("a").global("b").global("cv");
  facts.function("f").acquire("a").wait("cv", "a").release("a");
  facts.function("g").acquire("b").wait("cv", "b").release("b");
  expectOne(findingsOf("wait-wrong-mutex", facts), "cv", Confidence::High);
}

TEST(WaitWrongMutex, FindsAMutexThatIsNotHeld) {
  FactsBuilder facts;
  facts.global("mu").global("cv");
  facts.function("w").wait("cv", "mu");
  facts.main().spawn("w", "t").notify("cv").join("t");
  expectOne(findingsOf("wait-wrong-mutex", facts), "cv", Confidence::High);
}

TEST(WaitWrongMutex, FindsAMutexThatTheCallersHeldAndThatWasGivenBack) {
  FactsBuilder facts;
  facts.global("mu").global("cv");
  auto& work = facts.function("work").parameters({"lock"});
  work.release("*lock").wait("cv", "*lock");
  auto& w = facts.function("w");
  w.acquire("mu").call("work", {w.at("mu")});
  facts.main().spawn("w", "t").notify("cv").join("t");
  expectOne(findingsOf("wait-wrong-mutex", facts), "cv", Confidence::High);
}

TEST(WaitWrongMutex, IsNotSureOfAMutexThatSomeWaysTakeAgain) {
  FactsBuilder facts;
  facts.global("mu").global("cv");
  auto& work = facts.function("work").parameters({"lock"});
  work.release("*lock").beginIf().acquire("*lock").endIf().wait("cv", "*lock");
  auto& w = facts.function("w");
  w.acquire("mu").call("work", {w.at("mu")});
  facts.main().spawn("w", "t").notify("cv").join("t");
  expectNone(findingsOf("wait-wrong-mutex", facts));
}

TEST(WaitWrongMutex, FindsStateThatIsChangedUnderAnotherMutex) {
  FactsBuilder facts = handover();
  facts.function("producer").acquire("other").write("ready").notify("cv").release("other");
  const auto found = findingsOf("wait-wrong-mutex", facts);
  expectOne(found, "cv", Confidence::High);
}

TEST(WaitWrongMutex, IsSilentWhenOneMutexServesAll) {
  FactsBuilder facts = handover();
  facts.function("producer").acquire("mu").write("ready").notify("cv").release("mu");
  expectNone(findingsOf("wait-wrong-mutex", facts));
}

TEST(LostWakeup, FindsAChangeWithoutTheMutex) {
  FactsBuilder facts = handover();
  facts.function("producer").atomic(AccessKind::Write, MemoryOrder::SeqCst, "ready").notify("cv");
  expectOne(findingsOf("lost-wakeup", facts), "cv", Confidence::High);
}

TEST(LostWakeup, AcceptsAMutexTakenBetweenChangeAndSignal) {
  FactsBuilder facts = handover();
  auto& producer = facts.function("producer");
  producer.atomic(AccessKind::Write, MemoryOrder::SeqCst, "ready").acquire("mu").release("mu").notify("cv");
  expectNone(findingsOf("lost-wakeup", facts));
}

TEST(LostWakeup, AcceptsASignalAfterTheMutexIsGivenBack) {
  FactsBuilder facts = handover();
  facts.function("producer").acquire("mu").write("ready").release("mu").notify("cv");
  expectNone(findingsOf("lost-wakeup", facts));
}

TEST(LostWakeup, FindsASignalBeforeTheChange) {
  FactsBuilder facts = handover();
  facts.function("producer").notify("cv").acquire("mu").write("ready").release("mu");
  expectOne(findingsOf("lost-wakeup", facts), "cv", Confidence::High);
}

TEST(LostWakeup, AcceptsASignalInTheSameCriticalSection) {
  FactsBuilder facts = handover();
  facts.function("producer").acquire("mu").notify("cv").write("ready").release("mu");
  expectNone(findingsOf("lost-wakeup", facts));
}

TEST(LostWakeup, FindsOneSignalForTwoKindsOfWaiters) {
  FactsBuilder facts = handover();
  facts.function("other").acquire("mu").awaits("cv", "mu", "ready", "idle").release("mu");
  facts.function("producer").acquire("mu").update("ready").notify("cv").release("mu").spawn("other", "o").join("o");
  expectOne(findingsOf("lost-wakeup", facts), "cv", Confidence::Medium);
}

TEST(NeverNotified, FindsAConditionThatNobodySignals) {
  FactsBuilder facts = handover();
  facts.function("producer").acquire("mu").write("ready").release("mu");
  expectOne(findingsOf("never-notified", facts), "cv", Confidence::High);
}

TEST(NeverNotified, IsSilentWhenASignalExistsOrTheConditionIsHandedOut) {
  FactsBuilder signalled = handover();
  signalled.function("producer").acquire("mu").write("ready").release("mu").notify("cv");
  expectNone(findingsOf("never-notified", signalled));
  FactsBuilder handed = handover();
  auto& producer = handed.function("producer");
  producer.call("somewhere else", {producer.at("cv")});
  expectNone(findingsOf("never-notified", handed));
}

}  // namespace
}  // namespace deadheat
