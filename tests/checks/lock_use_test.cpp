// The checks that look at what is done with and under locks.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

TEST(LockDestroyed, FindsUseAfterTheEnd) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").ends("mu").acquire("mu");
  expectOne(findingsOf("lock-destroyed", facts), "mu", Confidence::High);
}

TEST(LockDestroyed, FindsTheEndOfAHeldLock) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").ends("mu");
  expectOne(findingsOf("lock-destroyed", facts), "mu", Confidence::High);
}

TEST(LockDestroyed, LetsALockBeMadeAnew) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu").release("mu").ends("mu").begins("mu").acquire("mu").release("mu").ends("mu");
  expectNone(findingsOf("lock-destroyed", facts));
}

/// A thread takes the lock; main ends it, before or after the join.
FactsBuilder endedBy(bool afterJoin) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("work").acquire("mu").release("mu");
  auto& main = facts.main().spawn("work", "t");
  if (afterJoin) main.join("t").ends("mu");
  if (!afterJoin) main.ends("mu").join("t");
  return facts;
}

TEST(LockDestroyed, FindsAThreadThatMayStillUseIt) {
  expectOne(findingsOf("lock-destroyed", endedBy(false)), "mu", Confidence::High);
}

TEST(LockDestroyed, IsSilentAfterTheJoin) { expectNone(findingsOf("lock-destroyed", endedBy(true))); }

TEST(RwlockUpgrade, FindsTheReaderThatWantsToWrite) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu", LockMode::Shared).acquire("mu");
  expectOne(findingsOf("rwlock-upgrade", facts), "mu", Confidence::High);
  expectNone(doubles(facts));
}

TEST(RwlockUpgrade, IsSilentIfTheReaderLeavesFirst) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("f").acquire("mu", LockMode::Shared).release("mu", LockMode::Shared).acquire("mu").release("mu");
  expectNone(findingsOf("rwlock-upgrade", facts));
}

TEST(IneffectiveGuard, FindsADeferredGuardThatIsNeverLocked) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  facts.function("f").guardStart("g", "mu", GuardStart::How::Deferred).acquire("other").write("x");
  expectOne(findingsOf("ineffective-guard", facts), "mu", Confidence::High);
}

TEST(IneffectiveGuard, IsSilentIfItIsLockedLater) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  facts.function("f").guardStart("g", "mu", GuardStart::How::Deferred).guard("g", "mu").write("x").unguard("g");
  expectNone(findingsOf("ineffective-guard", facts));
}

TEST(BlockingUnderLock, FindsASleepInACallee) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("settle").block("sleep");
  facts.function("f").acquire("mu").call("settle").release("mu");
  expectOne(findingsOf("blocking-under-lock", facts), "mu", Confidence::Medium);
}

TEST(BlockingUnderLock, LetsAWaitGiveBackItsOwnLock) {
  FactsBuilder facts;
  facts.global("mu").global("outer").global("cv");
  facts.function("f").acquire("mu").wait("cv", "mu").release("mu");
  expectNone(findingsOf("blocking-under-lock", facts));
  facts.function("g").acquire("outer").acquire("mu").wait("cv", "mu").release("mu").release("outer");
  expectOne(findingsOf("blocking-under-lock", facts), "outer", Confidence::Medium);
}

TEST(JoinDeadlock, FindsTheLockThatTheThreadNeeds) {
  FactsBuilder facts;
  facts.global("mu");
  facts.function("work").acquire("mu").release("mu");
  facts.main().spawn("work", "t").acquire("mu").join("t").release("mu");
  expectOne(findingsOf("join-deadlock", facts), "mu", Confidence::High);
}

TEST(JoinDeadlock, IsSilentIfTheThreadNeedsAnotherLock) {
  FactsBuilder facts;
  facts.global("mu").global("other");
  facts.function("work").acquire("other").release("other");
  facts.main().spawn("work", "t").acquire("mu").join("t").release("mu");
  expectNone(findingsOf("join-deadlock", facts));
}

TEST(ForeignLock, FindsTheLockOfAnotherObject) {
  FactsBuilder facts;
  auto take = [&](const char* name) -> FunctionBuilder& {
    auto& method = facts.method(std::string("Account::") + name);
    return method.parameters({"other"}).acquire("this->mu");
  };
  take("deposit").update("this->cents").release("this->mu");
  take("withdraw").update("this->cents").release("this->mu");
  auto& mirror = take("mirror");
  mirror.read("other->Account::cents").write("this->cents").release("this->mu");
  expectOne(findingsOf("foreign-lock", facts), "Account::cents", Confidence::Medium);
}

TEST(CallbackUnderLock, FindsAStoredCallable) {
  FactsBuilder facts;
  Record::Field callable = field("listener");
  callable.type = "std::function<void ()>";
  facts.record("Bell", {field("mu", Record::Field::Kind::Lock), callable});
  auto& ring = facts.method("Bell::ring");
  ring.acquire("this->mu").callThrough(ring.load("this->listener")).release("this->mu");
  expectOne(findingsOf("callback-under-lock", facts), "Bell::mu", Confidence::Medium);
}

TEST(WriteUnderSharedLock, TellsTheRaceOfReadersThatWrite) {
  FactsBuilder facts;
  facts.global("mu").global("hits");
  facts.function("read").acquire("mu", LockMode::Shared).update("hits").release("mu", LockMode::Shared);
  facts.main().spawn("read", "t").spawn("read", "u").join("t").join("u");
  auto found = findingsOf("write-under-shared-lock", facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_EQ(found[0].subjects.front(), "hits");
}

}  // namespace
}  // namespace deadheat
