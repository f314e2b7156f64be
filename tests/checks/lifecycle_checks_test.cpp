// unjoined-thread, discarded-future, sleep-as-sync, thread-unsafe-call, tls-escape, signal-unsafe.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

using InSignal = LibraryCall::InSignal;

LibraryCall strtokCall() { return {"strtok", {"the position that strtok keeps"}, AccessKind::Write, {}, "strtok_r", ""}; }

Spawn handlerSpawn(const std::string& handler) {
  return {{Callee::Kind::Direct, handler, {}, handler, ""}, {}, {}, {}, SpawnWhere::SignalHandler, "signal"};
}

TEST(UnjoinedThread, FindsAnObjectThatEndsBeforeItsThread) {
  FactsBuilder facts;
  facts.function("work");
  auto& f = facts.function("f");
  f.spawn("work", "t").event(Abandon{f.path("t")});
  expectOne(findingsOf("unjoined-thread", facts), "t", Confidence::High);
}

TEST(UnjoinedThread, FindsAnEarlyReturnAndAnUnjoinedBranch) {
  FactsBuilder facts;
  facts.function("work");
  auto& f = facts.function("f");
  f.spawn("work", "t").beginIf().join("t").endIf().event(Abandon{f.path("t")});
  expectOne(findingsOf("unjoined-thread", facts), "t", Confidence::Medium);
}

TEST(UnjoinedThread, AcceptsThreadsThatAreJoinedDetachedOrAskedFor) {
  FactsBuilder facts;
  facts.function("work");
  auto& joined = facts.function("joined");
  joined.spawn("work", "t").join("t").event(Abandon{joined.path("t")});
  auto& detached = facts.function("detached");
  detached.spawn("work", "t").detach("t").event(Abandon{detached.path("t")});
  auto& asked = facts.function("asked");
  asked.spawn("work", "t").beginIf().join("t").orElse().event(Abandon{asked.path("t"), Abandon::How::Empty}).endIf();
  asked.event(Abandon{asked.path("t")});
  auto& maybe = facts.function("maybe");
  maybe.beginIf().spawn("work", "t").endIf().beginIf().join("t").endIf().event(Abandon{maybe.path("t")});
  expectNone(findingsOf("unjoined-thread", facts));
}

TEST(UnjoinedThread, FindsASecondJoinAndAJoinAfterDetach) {
  FactsBuilder facts;
  facts.function("work");
  facts.function("twice").spawn("work", "t").join("t").join("t");
  expectOne(findingsOf("unjoined-thread", facts), "t", Confidence::High);
  FactsBuilder late;
  late.function("work");
  late.function("late").spawn("work", "t").detach("t").join("t");
  expectOne(findingsOf("unjoined-thread", late), "t", Confidence::High);
}

TEST(UnjoinedThread, DoubtsASecondJoinUnderACondition) {
  FactsBuilder facts;
  facts.function("work");
  facts.function("maybe").spawn("work", "t").join("t").beginIf().join("t").endIf();
  expectOne(findingsOf("unjoined-thread", facts), "t", Confidence::Medium);
}

TEST(UnjoinedThread, LeavesAThreadAloneThatAnotherIsGiven) {
  FactsBuilder facts;
  facts.function("work");
  facts.function("waiter").parameters({"other"}).join("*other");
  FunctionBuilder& f = facts.function("f");
  f.spawn("work", "a").spawn("waiter", "b", {f.at("a")}).join("b").event(Abandon{f.path("b")}).event(Abandon{f.path("a")});
  expectNone(findingsOf("unjoined-thread", facts));
}

TEST(UnjoinedThread, FollowsTheHandleIntoACallee) {
  FactsBuilder facts;
  facts.function("work");
  auto& end = facts.function("end").parameters({"p"});
  end.join("*p");
  auto& f = facts.function("f");
  f.spawn("work", "t").call("end", {f.at("t")}).event(Abandon{f.path("t")});
  expectNone(findingsOf("unjoined-thread", facts));
}

TEST(DiscardedFuture, FindsATemporaryFuture) {
  FactsBuilder facts;
  facts.function("work");
  auto& f = facts.function("f");
  const Path temporary{{RootKind::Local, 0, "$tmp@1:1", "$tmp"}, {}, false};
  f.event(Spawn{{Callee::Kind::Direct, "work", {}, "work", ""}, {}, {}, temporary, SpawnWhere::Async, "std::async"});
  f.event(Join{temporary, Join::By::End});
  expectOne(findingsOf("discarded-future", facts), "work", Confidence::High);
}

TEST(DiscardedFuture, AcceptsOneThatIsWaitedForOrKept) {
  FactsBuilder facts;
  facts.function("work");
  auto& f = facts.function("f");
  const Path temporary{{RootKind::Local, 0, "$tmp@1:1", "$tmp"}, {}, false};
  const Spawn start{{Callee::Kind::Direct, "work", {}, "work", ""}, {}, {}, temporary, SpawnWhere::Async, "std::async"};
  f.event(start).event(Join{temporary}).event(Join{temporary, Join::By::End});
  auto& g = facts.function("g");
  Spawn kept = start;
  kept.handle = g.path("r");
  g.event(kept).event(Join{g.path("r"), Join::By::End});
  expectNone(findingsOf("discarded-future", facts));
}

TEST(SleepAsSync, FindsASleepBeforeTheUseOfWhatAThreadMakes) {
  FactsBuilder facts;
  facts.global("table");
  facts.function("load").atomic(AccessKind::Write, MemoryOrder::SeqCst, "table");
  auto& main = facts.main();
  main.spawn("load", "t").block("sleep").atomic(AccessKind::Read, MemoryOrder::SeqCst, "table").join("t");
  expectOne(findingsOf("sleep-as-sync", facts), "table", Confidence::High);
}

TEST(SleepAsSync, IsSilentWhenTheThreadIsJoinedFirst) {
  FactsBuilder facts;
  facts.global("table");
  facts.function("load").atomic(AccessKind::Write, MemoryOrder::SeqCst, "table");
  auto& main = facts.main();
  main.spawn("load", "t").block("sleep").join("t").atomic(AccessKind::Read, MemoryOrder::SeqCst, "table");
  expectNone(findingsOf("sleep-as-sync", facts));
}

TEST(SleepAsSync, IsSilentWhereACalleeJoinsFirst) {
  FactsBuilder facts;
  facts.global("table");
  facts.global("t");
  facts.function("load").atomic(AccessKind::Write, MemoryOrder::SeqCst, "table");
  facts.function("shutDown").join("t");
  facts.function("report");
  auto& main = facts.main();
  main.spawn("load", "other").spawn("load", "t").block("sleep").call("shutDown");
  main.atomic(AccessKind::Read, MemoryOrder::SeqCst, "table").join("other");
  expectNone(findingsOf("sleep-as-sync", facts));
}

TEST(SleepAsSync, IsNotPutOffByACalleeThatWaitsForNothing) {
  FactsBuilder facts;
  facts.global("table");
  facts.function("load").atomic(AccessKind::Write, MemoryOrder::SeqCst, "table");
  facts.function("report").read("table");
  auto& main = facts.main();
  main.spawn("load", "t").block("sleep").call("report").atomic(AccessKind::Read, MemoryOrder::SeqCst, "table").join("t");
  EXPECT_EQ(findingsOf("sleep-as-sync", facts).size(), 1u);
}

TEST(ThreadUnsafeCall, FindsCallsOfTwoThreads) {
  FactsBuilder facts;
  facts.function("split").event(strtokCall());
  facts.main().spawn("split", "t").event(strtokCall()).join("t");
  const auto found = findingsOf("thread-unsafe-call", facts);
  ASSERT_EQ(found.size(), 2u) << messages(found);
  EXPECT_EQ(found[0].subjects.front(), "strtok");
  EXPECT_EQ(found[0].confidence, Confidence::High);
}

TEST(ThreadUnsafeCall, IsSilentBeforeTheThreadUnderOneLockAndForReaders) {
  FactsBuilder before;
  before.function("split").event(strtokCall());
  before.main().event(strtokCall()).spawn("split", "t").join("t").event(strtokCall());
  expectNone(findingsOf("thread-unsafe-call", before));
  FactsBuilder locked;
  locked.global("mu");
  locked.function("split").acquire("mu").event(strtokCall()).release("mu");
  locked.main().spawn("split", "t").acquire("mu").event(strtokCall()).release("mu").join("t");
  expectNone(findingsOf("thread-unsafe-call", locked));
  LibraryCall get{"getenv", {"the environment"}, AccessKind::Read, {}, "", ""};
  FactsBuilder readers;
  readers.function("look").event(get);
  readers.main().spawn("look", "t").event(get).join("t");
  expectNone(findingsOf("thread-unsafe-call", readers));
}

TEST(TlsEscape, FindsAnAddressGivenToAThread) {
  FactsBuilder facts;
  facts.function("work").parameters({"p"}).write("*p");
  const Path own{{RootKind::ThreadLocal, 0, "t_own", "t_own"}, {}, false};
  facts.main().spawn("work", "t", {Value::addressOf(own)}).join("t");
  expectOne(findingsOf("tls-escape", facts), "t_own", Confidence::High);
}

TEST(TlsEscape, IsSilentWhenTheAddressStaysInTheThread) {
  FactsBuilder facts;
  facts.function("work").parameters({"p"}).write("*p");
  const Path own{{RootKind::ThreadLocal, 0, "t_own", "t_own"}, {}, false};
  auto& main = facts.main();
  main.assign("q", Value::addressOf(own)).call("work", {main.load("q")});
  expectNone(findingsOf("tls-escape", facts));
}

TEST(SignalUnsafe, FindsWhatTheHandlersCalleesCall) {
  FactsBuilder facts;
  facts.function("log").event(LibraryCall{"printf", {}, {}, InSignal::Unsafe, "", "it locks the stream"});
  facts.function("handler").call("log");
  facts.main().event(handlerSpawn("handler"));
  const auto found = findingsOf("signal-unsafe", facts);
  expectOne(found, "handler", Confidence::High);
  EXPECT_EQ(found[0].location.line / 100, 2u);
}

TEST(SignalUnsafe, FindsALockAndAPlainFlag) {
  FactsBuilder facts;
  facts.global("mu").global("stop");
  facts.function("handler").acquire("mu").release("mu").write("stop");
  facts.main().event(handlerSpawn("handler")).read("stop");
  const auto found = findingsOf("signal-unsafe", facts);
  ASSERT_EQ(found.size(), 2u) << messages(found);
  EXPECT_EQ(found[1].confidence, Confidence::High) << messages(found);
}

TEST(SignalUnsafe, MakesOneFindingOfAllThatAHandlerCalls) {
  FactsBuilder facts;
  facts.function("handler")
      .event(LibraryCall{"printf", {}, {}, InSignal::Unsafe, "", "it locks the stream"})
      .event(LibraryCall{"exit", {}, {}, InSignal::Unsafe, "", "it runs destructors"});
  facts.main().event(handlerSpawn("handler"));
  const auto found = findingsOf("signal-unsafe", facts);
  expectOne(found, "handler", Confidence::High);
  EXPECT_NE(found[0].message.find("calls 'printf', calls 'exit' in 2 places"), std::string::npos) << messages(found);
  EXPECT_EQ(found[0].witness.size(), 2u);
}

TEST(SignalUnsafe, BelievesLessOfHandlersThatAreForFaultsOnly) {
  FactsBuilder facts;
  facts.global("step");
  facts.function("handler").event(LibraryCall{"printf", {}, {}, InSignal::Unsafe, "", "it locks the stream"}).write("step");
  Spawn spawn = handlerSpawn("handler");
  spawn.signals = SignalSource::Fault;
  facts.main().event(spawn).write("step");
  expectOne(findingsOf("signal-unsafe", facts), "handler", Confidence::Medium);
  facts.function("init").event(handlerSpawn("handler"));
  const auto found = findingsOf("signal-unsafe", facts);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].confidence, Confidence::High) << messages(found);
}

TEST(SignalUnsafe, IsSilentAboutVariablesThatAreUsedWhileSignalsAreHeldBack) {
  FactsBuilder facts;
  facts.global("stop");
  facts.function("handler").write("stop");
  facts.function("holdBack").event(LibraryCall{"sigprocmask", {}, {}, InSignal::Masks, "", ""});
  facts.main().event(handlerSpawn("handler")).call("holdBack").read("stop");
  expectNone(findingsOf("signal-unsafe", facts));
}

TEST(SignalUnsafe, AcceptsFlagsThatAreMadeForHandlers) {
  FactsBuilder facts;
  facts.global("stop").global("count");
  auto& handler = facts.function("handler");
  handler.event(Access{handler.path("stop"), AccessKind::Write, Atomicity::Volatile, {}, "sig_atomic_t", ""});
  handler.atomic(AccessKind::ReadWrite, MemoryOrder::SeqCst, "count");
  handler.event(LibraryCall{"strnlen_l", {}, {}, InSignal::Unlisted, "", ""});
  auto& main = facts.main();
  main.event(handlerSpawn("handler"));
  main.event(Access{main.path("stop"), AccessKind::Read, Atomicity::Volatile, {}, "sig_atomic_t", ""});
  main.atomic(AccessKind::Read, MemoryOrder::SeqCst, "count");
  expectNone(findingsOf("signal-unsafe", facts));
}

}  // namespace
}  // namespace deadheat
