// The checks of shared mutable state that look at one function or recognise races, from facts written by hand.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

using Kind = Record::Field::Kind;

TEST(DoubleCheckedLocking, FindsAPlainLookBeforeTheLockedOne) {
  FactsBuilder facts;
  facts.global("g_settings").global("g_mu");
  facts.function("get")
      .read("g_settings").beginIfSet("g_settings").orElse()
      .acquire("g_mu").read("g_settings").beginIfSet("g_settings").orElse().write("g_settings").endIf().release("g_mu")
      .endIf();
  expectOne(findingsOf("double-checked-locking", facts), "g_settings", Confidence::High);
}

TEST(DoubleCheckedLocking, WantsTheFirstLookToDecideAboutTheLock) {
  FactsBuilder facts;
  facts.global("g_file").global("g_mu");
  facts.function("close")
      .read("g_file").beginIfSet("g_file").read("g_other").endIf()
      .acquire("g_mu").read("g_file").beginIfSet("g_file").write("g_file").endIf().release("g_mu");
  expectNone(findingsOf("double-checked-locking", facts));
}

TEST(DoubleCheckedLocking, AcceptsAcquireAndRelease) {
  FactsBuilder facts;
  facts.global("g_settings").global("g_mu");
  facts.function("get")
      .atomic(AccessKind::Read, MemoryOrder::Acquire, "g_settings").beginIfSet("g_settings").orElse()
      .acquire("g_mu")
      .atomic(AccessKind::Read, MemoryOrder::Relaxed, "g_settings").beginIfSet("g_settings").orElse()
      .atomic(AccessKind::Write, MemoryOrder::Release, "g_settings").endIf().release("g_mu")
      .endIf();
  expectNone(findingsOf("double-checked-locking", facts));
}

TEST(DoubleCheckedLocking, DoubtsARelaxedLook) {
  FactsBuilder facts;
  facts.global("g_settings").global("g_mu");
  facts.function("get")
      .atomic(AccessKind::Read, MemoryOrder::Relaxed, "g_settings").beginIfSet("g_settings").orElse()
      .acquire("g_mu")
      .atomic(AccessKind::Read, MemoryOrder::Relaxed, "g_settings").beginIfSet("g_settings").orElse()
      .atomic(AccessKind::Write, MemoryOrder::Release, "g_settings").endIf().release("g_mu")
      .endIf();
  expectOne(findingsOf("double-checked-locking", facts), "g_settings", Confidence::Medium);
}

TEST(DoubleCheckedLocking, NeedsTheSecondLook) {
  FactsBuilder facts;
  facts.global("g_open").global("g_mu");
  facts.function("get")
      .read("g_open").beginIfSet("g_open").acquire("g_mu").write("g_open").release("g_mu").endIf();
  expectNone(findingsOf("double-checked-locking", facts));
}

TEST(CheckThenAct, FindsAValueCarriedFromOneHoldToTheNext) {
  FactsBuilder facts;
  facts.global("g_level").global("g_mu");
  facts.function("pump")
      .acquire("g_mu").compute("level", {"g_level"}).read("g_level").release("g_mu")
      .acquire("g_mu").compute("g_level", {"level"}).write("g_level").release("g_mu");
  expectOne(findingsOf("check-then-act", facts), "g_level", Confidence::Medium);
}

TEST(CheckThenAct, AcceptsOneHold) {
  FactsBuilder facts;
  facts.global("g_level").global("g_mu");
  facts.function("pump")
      .acquire("g_mu").compute("level", {"g_level"}).read("g_level").compute("g_level", {"level"}).write("g_level")
      .release("g_mu");
  expectNone(findingsOf("check-then-act", facts));
}

TEST(CheckThenAct, AcceptsASecondLook) {
  FactsBuilder facts;
  facts.global("g_level").global("g_mu");
  facts.function("pump")
      .acquire("g_mu").compute("level", {"g_level"}).read("g_level").release("g_mu")
      .acquire("g_mu").read("g_level").compute("g_level", {"level"}).write("g_level").release("g_mu");
  expectNone(findingsOf("check-then-act", facts));
}

TEST(CheckThenAct, LeavesUnrelatedSectionsAlone) {
  FactsBuilder facts;
  facts.global("g_level").global("g_mu");
  facts.function("pump")
      .acquire("g_mu").compute("level", {"g_level"}).read("g_level").release("g_mu")
      .acquire("g_mu").write("g_level").release("g_mu");
  expectNone(findingsOf("check-then-act", facts));
}

TEST(AtomicMisuse, FindsALoadThatIsStoredBack) {
  FactsBuilder facts;
  facts.global("g_count");
  facts.function("enter")
      .atomic(AccessKind::Read, MemoryOrder::SeqCst, "g_count").compute("g_count", {"g_count"})
      .atomic(AccessKind::Write, MemoryOrder::SeqCst, "g_count");
  expectOne(findingsOf("atomic-misuse", facts), "g_count", Confidence::Medium);
  facts.main().spawn("enter", "t1").spawn("enter", "t2").join("t1").join("t2");
  expectOne(findingsOf("atomic-misuse", facts), "g_count", Confidence::High);
}

TEST(AtomicMisuse, TakesALoadThatOrdersNothingForOneOfASingleWriter) {
  FactsBuilder facts;
  facts.global("g_tail");
  facts.function("publish").read("g_tail").compute("g_tail", {"g_tail"})
      .atomic(AccessKind::Write, MemoryOrder::Release, "g_tail");
  expectNone(findingsOf("atomic-misuse", facts));
}

TEST(AtomicMisuse, AcceptsASingleWriterInRelaxedOrder) {
  FactsBuilder facts;
  facts.global("g_count");
  facts.function("enter")
      .atomic(AccessKind::Read, MemoryOrder::Relaxed, "g_count").compute("g_count", {"g_count"})
      .atomic(AccessKind::Write, MemoryOrder::Relaxed, "g_count");
  expectNone(findingsOf("atomic-misuse", facts));
}

TEST(AtomicMisuse, AcceptsALoadAndStoreUnderALock) {
  FactsBuilder facts;
  facts.global("g_count").global("g_mu");
  facts.function("enter")
      .acquire("g_mu").atomic(AccessKind::Read, MemoryOrder::SeqCst, "g_count").compute("g_count", {"g_count"})
      .atomic(AccessKind::Write, MemoryOrder::SeqCst, "g_count").release("g_mu");
  expectNone(findingsOf("atomic-misuse", facts));
}

TEST(InconsistentGuard, TellsWhichPlaceForgetsTheLock) {
  FactsBuilder facts;
  facts.record("Cache", {field("mu", Kind::Lock), field("hits")});
  facts.method("Cache::put").guard("g", "this->mu").write("this->hits").unguard("g");
  facts.method("Cache::add").guard("g", "this->mu").update("this->hits").unguard("g");
  facts.method("Cache::drop").guard("g", "this->mu").update("this->hits").unguard("g");
  facts.method("Cache::hits").read("this->hits");
  auto found = findingsOf("inconsistent-guard", facts);
  expectOne(found, "Cache::hits", Confidence::High);
  EXPECT_NE(found[0].message.find("3 of 4 places"), std::string::npos) << found[0].message;
  EXPECT_EQ(found[0].witness.back().steps.size(), 3u);
}

TEST(InconsistentGuard, LeavesKnownThreadsToDataRace) {
  FactsBuilder facts;
  facts.global("g_hits").global("g_mu");
  facts.function("put").acquire("g_mu").write("g_hits").release("g_mu");
  facts.function("add").acquire("g_mu").write("g_hits").release("g_mu");
  facts.main().spawn("put", "t").spawn("add", "u").read("g_hits").join("t").join("u");
  expectNone(findingsOf("inconsistent-guard", facts));
  EXPECT_FALSE(races(facts).empty());
}

TEST(SharedPtrRace, TellsARaceOfTheObjectItself) {
  FactsBuilder facts;
  facts.global("g_config");
  facts.function("reload").operation(AccessKind::Write, "g_config", "std::shared_ptr::operator=");
  facts.main().spawn("reload", "t").operation(AccessKind::Read, "g_config", "std::shared_ptr::copy").join("t");
  expectOne(findingsOf("shared-ptr-race", facts), "g_config", Confidence::High);
}

TEST(PublishBeforeInit, FindsAMemberThatIsSetAfterTheThreadStarts) {
  FactsBuilder facts;
  facts.record("Poller", {field("thread", Kind::Thread), field("interval")});
  auto& ctor = facts.constructor("Poller");
  ctor.spawn("Poller::run", "this->thread", {}, ctor.at("this")).write("this->interval");
  facts.method("Poller::run").reach(Function::Reach::Private).read("this->interval");
  facts.destructor("Poller").join("this->thread");
  expectOne(findingsOf("publish-before-init", facts), "Poller::interval", Confidence::High);
}

TEST(PublishBeforeInit, IsSilentWhenTheThreadStartsLast) {
  FactsBuilder facts;
  facts.record("Poller", {field("thread", Kind::Thread), field("interval")});
  auto& ctor = facts.constructor("Poller");
  ctor.write("this->interval").spawn("Poller::run", "this->thread", {}, ctor.at("this"));
  facts.method("Poller::run").reach(Function::Reach::Private).read("this->interval");
  facts.destructor("Poller").join("this->thread");
  expectNone(findingsOf("publish-before-init", facts));
}

TEST(UnguardedEscape, FindsAReferenceThatLeavesItsLockBehind) {
  FactsBuilder facts;
  facts.record("Room", {field("mu", Kind::Lock), field("lines", Kind::Container)});
  facts.method("Room::say").guard("g", "this->mu").operation(AccessKind::Write, "this->lines", "std::vector::push_back")
      .unguard("g");
  auto& lines = facts.method("Room::lines");
  lines.guard("g", "this->mu").returns(lines.at("this->lines")).unguard("g");
  expectOne(findingsOf("unguarded-escape", facts), "Room::lines", Confidence::High);
}

TEST(UnguardedEscape, LeavesReferencesWithoutALockToOthers) {
  FactsBuilder facts;
  facts.record("Room", {field("mu", Kind::Lock), field("lines", Kind::Container)});
  facts.method("Room::say").guard("g", "this->mu").operation(AccessKind::Write, "this->lines", "std::vector::push_back")
      .unguard("g");
  auto& lines = facts.method("Room::lines");
  lines.returns(lines.at("this->lines"));
  expectNone(findingsOf("unguarded-escape", facts));
}

TEST(CapturedReference, FindsALocalThatEndsBeforeADetachedThread) {
  FactsBuilder facts;
  facts.function("upload").parameters({"p"}).read("p->x");
  auto& send = facts.function("send");
  send.spawn("upload", "t", {send.at("report")}).detach("t").free("report");
  expectOne(findingsOf("captured-reference", facts), "report", Confidence::High);
}

TEST(CapturedReference, IsSilentWhenTheThreadIsJoinedFirst) {
  FactsBuilder facts;
  facts.function("upload").parameters({"p"}).write("p->x");
  auto& send = facts.function("send");
  send.spawn("upload", "t", {send.at("report")}).join("t").free("report");
  expectNone(findingsOf("captured-reference", facts));
}

}  // namespace
}  // namespace deadheat
