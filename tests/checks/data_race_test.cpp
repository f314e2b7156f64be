#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

TEST(DataRace, FindsAnUnlockedReadBesideALockedWrite) {
  FactsBuilder facts;
  facts.global("g_mu").global("g_hits");
  facts.function("worker").acquire("g_mu").write("g_hits").release("g_mu");
  facts.main().spawn("worker", "t").read("g_hits").join("t");
  auto found = races(facts);
  expectOne(found, "g_hits", Confidence::High);
  EXPECT_EQ(found[0].message,
            "Data race on 'g_hits': write in 'worker' under 'g_mu' may run at the same time as the read in 'main' "
            "without a lock");
  ASSERT_EQ(found[0].sites.size(), 2u);
  EXPECT_EQ(found[0].sites[0].kind, Site::Kind::Write);
  EXPECT_EQ(found[0].sites[0].point.line, 102u);
  EXPECT_EQ(found[0].sites[1].kind, Site::Kind::Read);
  ASSERT_EQ(found[0].witness.size(), 2u);
  EXPECT_EQ(found[0].witness[0].name, "thread 'worker'");
  EXPECT_EQ(found[0].witness[0].steps.front().kind, WitnessStep::Kind::Spawn);
  EXPECT_EQ(found[0].witness[0].steps[1].kind, WitnessStep::Kind::Acquire);
  EXPECT_EQ(found[0].witness[1].name, "main");
}

TEST(DataRace, IsSilentWhenBothSidesHoldTheLock) {
  FactsBuilder facts;
  facts.global("g_mu").global("g_hits");
  facts.function("worker").acquire("g_mu").write("g_hits").release("g_mu");
  facts.main().spawn("worker", "t").acquire("g_mu").read("g_hits").release("g_mu").join("t");
  expectNone(races(facts));
}

TEST(DataRace, IsSilentBeforeTheThreadStartsAndAfterItIsJoined) {
  FactsBuilder facts;
  facts.global("g_hits");
  facts.function("worker").write("g_hits");
  facts.main().write("g_hits").spawn("worker", "t").join("t").write("g_hits");
  expectNone(races(facts));
}

TEST(DataRace, TreatsADetachedThreadAsRunningForEver) {
  FactsBuilder facts;
  facts.global("g_hits");
  facts.function("worker").write("g_hits");
  facts.main().spawn("worker", "t").detach("t").read("g_hits");
  expectOne(races(facts), "g_hits", Confidence::High);
}

TEST(DataRace, FindsDifferentLocksOnTheTwoSides) {
  FactsBuilder facts;
  facts.global("a").global("b").global("x");
  facts.function("worker").acquire("a").write("x").release("a");
  facts.main().spawn("worker", "t").acquire("b").write("x").release("b").join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, FindsAWriteUnderASharedHold) {
  FactsBuilder facts;
  facts.global("rw").global("x");
  facts.function("worker").acquire("rw", LockMode::Shared).write("x").release("rw", LockMode::Shared);
  facts.main().spawn("worker", "t").acquire("rw", LockMode::Shared).read("x").release("rw", LockMode::Shared).join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, LetsReadersWithASharedHoldMeetAnExclusiveWriter) {
  FactsBuilder facts;
  facts.global("rw").global("x");
  facts.function("worker").acquire("rw").write("x").release("rw");
  facts.main().spawn("worker", "t").acquire("rw", LockMode::Shared).read("x").release("rw", LockMode::Shared).join("t");
  expectNone(races(facts));
}

TEST(DataRace, FindsAPlainAccessBesideAnAtomicOne) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("worker").atomic(AccessKind::Write, MemoryOrder::Relaxed, "x");
  facts.main().spawn("worker", "t").read("x").join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, LetsAtomicsMeet) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("worker").atomic(AccessKind::ReadWrite, MemoryOrder::Relaxed, "x");
  facts.main().spawn("worker", "t").atomic(AccessKind::Read, MemoryOrder::SeqCst, "x").join("t");
  expectNone(races(facts));
}

TEST(DataRace, DoesNotLetAUniqueThreadRaceWithItself) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("worker").update("x");
  facts.main().spawn("worker", "t").join("t");
  expectNone(races(facts));
}

TEST(DataRace, FindsThreadsOfOneLoopRacingWithEachOther) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("worker").update("x");
  facts.main().beginLoop().spawn("worker", "t[i]").endLoop().beginLoop().join("t[j]").endLoop().read("x");
  auto found = races(facts);
  expectOne(found, "x", Confidence::High);
  EXPECT_EQ(found[0].functions, std::vector<std::string>{"worker"});
}

TEST(DataRace, DoesNotTakeALoopThatJoinsEachTurnForParallel) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("worker").update("x");
  facts.main().beginLoop().spawn("worker", "t").join("t").endLoop();
  expectNone(races(facts));
}

TEST(DataRace, TakesAGuardedJoinForAJoin) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("worker").update("x");
  facts.main().spawn("worker", "t").beginIf().join("t").endIf().read("x");
  expectNone(races(facts));
}

TEST(DataRace, FollowsPointersIntoThreads) {
  FactsBuilder facts;
  facts.function("worker").parameters({"p"}).write("p->count");
  auto& main = facts.main();
  main.spawn("worker", "t", {main.at("stats")}).read("stats.count").join("t");
  expectOne(races(facts), "S::count", Confidence::High);
}

TEST(DataRace, LeavesObjectsThatThreadsDoNotShareAlone) {
  FactsBuilder facts;
  facts.function("worker").parameters({"p"}).write("p->count");
  auto& main = facts.main();
  main.spawn("worker", "t", {main.at("a")}).spawn("worker", "u", {main.at("b")}).join("t").join("u");
  expectNone(races(facts));
}

TEST(DataRace, FollowsAReferenceThatAConstructorStores) {
  FactsBuilder facts;
  auto& ctor = facts.constructor("Worker").parameters({"cache"});
  ctor.assign("this->cache", ctor.load("cache"));
  facts.method("Worker::run").write("this->cache->hits");
  auto& main = facts.main();
  main.call("Worker::Worker", {main.at("cache")}, main.at("w"));
  main.spawn("Worker::run", "t", {}, main.at("w")).read("cache.hits").join("t");
  expectOne(races(facts), "S::hits", Confidence::High);
}

TEST(DataRace, ReadsReferenceCapturesOfALambdaAsTheVariable) {
  FactsBuilder facts;
  facts.function("main::lambda").kind(Function::Kind::Lambda).write("this->main::lambda::n->*");
  auto& main = facts.main();
  main.assign("$lambda.main::lambda::n", main.at("n"));
  main.spawn("main::lambda", "t", {}, main.object("$lambda", "main::lambda")).read("n").join("t");
  expectOne(races(facts), "n", Confidence::High);
}

TEST(DataRace, KeepsAClosuresCopiesPrivate) {
  FactsBuilder facts;
  facts.function("main::lambda").kind(Function::Kind::Lambda).write("this->main::lambda::n");
  auto& main = facts.main();
  main.assign("$lambda.main::lambda::n", Value::constant());
  main.spawn("main::lambda", "t", {}, main.object("$lambda", "main::lambda")).read("n").join("t");
  expectNone(races(facts));
}

TEST(DataRace, SeesLocksTakenByAWrapper) {
  FactsBuilder facts;
  facts.global("g_mu").global("x");
  facts.function("lockIt").parameters({"m"}).acquire("m->inner");
  facts.function("unlockIt").parameters({"m"}).release("m->inner");
  auto& worker = facts.function("worker");
  worker.call("lockIt", {worker.at("g_mu")}).write("x").call("unlockIt", {worker.at("g_mu")});
  auto& main = facts.main();
  main.spawn("worker", "t").call("lockIt", {main.at("g_mu")}).read("x").call("unlockIt", {main.at("g_mu")}).join("t");
  expectNone(races(facts));
}

TEST(DataRace, SeesALockGivenBackInsideACallee) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  facts.function("workUnlocked").release("mu").write("x").acquire("mu");
  facts.function("worker").acquire("mu").call("workUnlocked").release("mu");
  facts.main().spawn("worker", "t").acquire("mu").read("x").release("mu").join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, ReleasesAGuardAtTheEndOfItsScope) {
  FactsBuilder facts;
  facts.global("mu").global("x").global("y");
  facts.function("worker").guard("g", "mu").write("x").unguard("g").write("y");
  facts.main().spawn("worker", "t").guard("g", "mu").read("x").read("y").unguard("g").join("t");
  expectOne(races(facts), "y", Confidence::High);
}

TEST(DataRace, DoesNotTrustALockHeldOnOneBranchOnly) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  facts.function("worker").beginIf().acquire("mu").endIf().write("x");
  facts.main().spawn("worker", "t").acquire("mu").read("x").release("mu").join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, LeavesFreshMemoryAloneUntilItIsPublished) {
  FactsBuilder facts;
  facts.global("g_list").global("mu");
  auto& worker = facts.function("worker");
  worker.allocate("new:node").assign("n", worker.at("new:node")).write("n->value");
  worker.acquire("mu").assign("g_list", worker.load("n")).write("g_list").release("mu");
  facts.main().spawn("worker", "t").acquire("mu").read("g_list").read("g_list->value").release("mu").join("t");
  expectNone(races(facts));
}

TEST(DataRace, FindsAWriteToMemoryAfterItWasPublished) {
  FactsBuilder facts;
  facts.global("g_list").global("mu");
  auto& worker = facts.function("worker");
  worker.allocate("new:node").assign("n", worker.at("new:node"));
  worker.acquire("mu").assign("g_list", worker.load("n")).write("g_list").release("mu").write("n->value");
  facts.main().spawn("worker", "t").acquire("mu").read("g_list").read("g_list->value").release("mu").join("t");
  expectOne(races(facts), "S::value", Confidence::High);
}

TEST(DataRace, GivesEachThreadOfALoopTheObjectMadeForIt) {
  FactsBuilder facts;
  facts.function("worker").parameters({"job"}).update("job->done");
  auto& main = facts.main();
  main.beginLoop().allocate("new:job").assign("j", main.at("new:job")).spawn("worker", "t[i]", {main.load("j")});
  main.endLoop();
  expectNone(races(facts));
}

TEST(DataRace, CountsFreeingAsAWriteToTheWhole) {
  FactsBuilder facts;
  facts.function("worker").parameters({"p"}).read("p->x");
  auto& main = facts.main();
  main.allocate("new:p").assign("p", main.at("new:p")).spawn("worker", "t", {main.load("p")}).free("*p").join("t");
  auto found = races(facts);
  ASSERT_EQ(found.size(), 1u) << messages(found);
  EXPECT_NE(found[0].message.find("free in 'main'"), std::string::npos) << found[0].message;
}

TEST(DataRace, SetsAWholeObjectAgainstItsField) {
  FactsBuilder facts;
  facts.global("config");
  facts.function("worker").read("config.port");
  facts.main().spawn("worker", "t").write("config").join("t");
  expectOne(races(facts), "config", Confidence::High);
}

TEST(DataRace, KeepsDifferentFieldsAndConstantIndicesApart) {
  FactsBuilder facts;
  facts.global("s").global("a");
  facts.function("worker").write("s.x").write("a[0]");
  facts.main().spawn("worker", "t").write("s.y").write("a[1]").join("t");
  expectNone(races(facts));
}

TEST(DataRace, IsSilentOnElementsThatThreadsOfOneLoopDivide) {
  FactsBuilder facts;
  facts.global("results");
  facts.function("worker").parameters({"i"}).write("results[i]");
  facts.main().beginLoop().spawn("worker", "t[i]").endLoop();
  expectNone(races(facts));
}

TEST(DataRace, SeparatesAContainersStructureFromItsElements) {
  FactsBuilder facts;
  facts.global("v");
  facts.function("worker").operation(AccessKind::Read, "v", "std::vector::operator[]").write("v[0]");
  facts.main().spawn("worker", "t").operation(AccessKind::Read, "v", "std::vector::size").join("t");
  expectNone(races(facts));
}

TEST(DataRace, FindsAContainerChangedWhileItIsRead) {
  FactsBuilder facts;
  facts.global("v");
  facts.function("worker").operation(AccessKind::Write, "v", "std::vector::push_back");
  facts.main().spawn("worker", "t").operation(AccessKind::Read, "v", "std::vector::size").join("t");
  expectOne(races(facts), "v", Confidence::High);
}

TEST(DataRace, OrdersWhateverComesAfterAOnceFlag) {
  FactsBuilder facts;
  facts.global("flag").global("instance");
  facts.function("create").write("instance");
  facts.function("get").passOnce("flag", "create").read("instance");
  facts.main().beginLoop().spawn("get", "t[i]").endLoop();
  expectNone(races(facts));
}

TEST(DataRace, KeepsAnAtomicHandOverToLowConfidence) {
  FactsBuilder facts;
  facts.global("ready").global("data");
  facts.function("worker").write("data").atomic(AccessKind::Write, MemoryOrder::Release, "ready");
  facts.main().spawn("worker", "t").beginLoop().atomic(AccessKind::Read, MemoryOrder::Acquire, "ready").endLoop();
  auto& main = facts.function("user");
  main.beginIf().atomic(AccessKind::Read, MemoryOrder::Acquire, "ready").endIf();
  FactsBuilder handed;
  handed.global("ready").global("data");
  handed.function("worker").write("data").atomic(AccessKind::Write, MemoryOrder::Release, "ready");
  handed.main().spawn("worker", "t").atomic(AccessKind::Read, MemoryOrder::Acquire, "ready").read("data").join("t");
  expectNone(races(handed));
}

TEST(DataRace, DoesNotTakeAStopFlagForAHandOver) {
  FactsBuilder facts;
  facts.global("stop").global("count");
  facts.function("done").atomic(AccessKind::Read, MemoryOrder::SeqCst, "stop");
  auto& worker = facts.function("worker");
  worker.atomic(AccessKind::Read, MemoryOrder::Relaxed, "stop").beginLoop().update("count").endLoop();
  facts.main().spawn("worker", "t").read("count").atomic(AccessKind::Write, MemoryOrder::SeqCst, "stop").join("t");
  expectOne(races(facts), "count", Confidence::High);
}

TEST(DataRace, OrdersAResultByTheConditionThatAnnouncesIt) {
  FactsBuilder facts;
  facts.global("mu").global("cv").global("done").global("result");
  facts.function("worker").write("result").acquire("mu").write("done").notify("cv").release("mu");
  facts.main().spawn("worker", "t").acquire("mu").read("done").wait("cv", "mu").release("mu").read("result").join("t");
  expectNone(races(facts));
}

TEST(DataRace, KnowsThreadsThatAMethodStartsAndAnotherJoins) {
  FactsBuilder facts;
  facts.method("Logger::start")
      .spawn("Logger::run", "this->thread", {}, Value::addressOf({{RootKind::This, 0, "", "this"}, {}, false}));
  facts.method("Logger::stop").join("this->thread");
  facts.method("Logger::run").update("this->lines");
  auto& main = facts.main();
  main.call("Logger::start", {}, main.at("log")).read("log.Logger::lines");
  main.call("Logger::stop", {}, main.at("log")).write("log.Logger::lines");
  auto found = races(facts);
  expectOne(found, "Logger::lines", Confidence::High);
  EXPECT_EQ(found[0].sites[1].kind, Site::Kind::Read);
}

TEST(DataRace, RunsACallbackWithTheLocksOfItsCaller) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  auto& with = facts.function("withLock").parameters({"f"});
  with.acquire("mu").callThrough(with.load("f")).release("mu");
  facts.function("increment").update("x");
  auto& worker = facts.function("worker");
  worker.call("withLock", {Value::functionRef("increment")});
  facts.main().beginLoop().spawn("worker", "t[i]").endLoop();
  expectNone(races(facts));
}

TEST(DataRace, StartsThreadsThroughAHelperThatTakesTheFunction) {
  FactsBuilder facts;
  facts.global("x");
  auto& start = facts.function("start").parameters({"f", "arg"});
  start.spawnThrough(start.load("f"), "", {start.load("arg")});
  facts.function("worker").parameters({"p"}).write("p->n");
  auto& main = facts.main();
  main.call("start", {Value::functionRef("worker"), main.at("x")}).read("x.n");
  expectOne(races(facts), "S::n", Confidence::High);
}

TEST(DataRace, ReachesTheOnlyMethodBehindAVirtualCall) {
  FactsBuilder facts;
  facts.global("x");
  facts.method("Count::run").overrides("Task::run").update("x");
  auto& worker = facts.function("worker").parameters({"task"});
  worker.callVirtual("Task::run", worker.load("task"));
  facts.main().spawn("worker", "t").read("x").join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, IsLessSureWhereAVirtualCallMayReachSeveralMethods) {
  FactsBuilder facts;
  facts.global("x");
  facts.method("Task::run");
  facts.method("Count::run").overrides("Task::run").update("x");
  auto& worker = facts.function("worker").parameters({"task"});
  worker.callVirtual("Task::run", worker.load("task"));
  facts.main().spawn("worker", "t").read("x").join("t");
  expectOne(races(facts), "x", Confidence::Medium);
}

TEST(DataRace, LetsAThreadWorkUnderTheLockThatItsStarterHoldsMeanwhile) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  facts.function("other").acquire("mu").write("x").release("mu");
  facts.function("helper").write("x");
  facts.main().spawn("other", "t").acquire("mu").spawn("helper", "u").join("u").release("mu").join("t");
  expectNone(races(facts));
}

TEST(DataRace, FindsAThreadThatOutlivesTheLockOfItsStarter) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  facts.function("other").acquire("mu").write("x").release("mu");
  facts.function("helper").write("x");
  facts.main().spawn("other", "t").acquire("mu").spawn("helper", "u").release("mu").join("u").join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, DoesNotTakeTheLockOfTheStarterForItsOwnAccesses) {
  FactsBuilder facts;
  facts.global("mu").global("x");
  facts.function("helper").write("x");
  facts.main().acquire("mu").spawn("helper", "u").write("x").join("u").release("mu");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, LetsTheStarterFinishBehindAGate) {
  FactsBuilder facts;
  facts.global("gate").global("x");
  facts.function("worker").acquire("gate").release("gate").write("x");
  facts.main().acquire("gate").spawn("worker", "t").write("x").release("gate").join("t");
  expectNone(races(facts));
}

TEST(DataRace, FindsWhatTheStarterDoesAfterTheGateIsOpen) {
  FactsBuilder facts;
  facts.global("gate").global("x");
  facts.function("worker").acquire("gate").release("gate").write("x");
  facts.main().acquire("gate").spawn("worker", "t").release("gate").write("x").join("t");
  expectOne(races(facts), "x", Confidence::High);
}

TEST(DataRace, TellsAllPlacesOfAVariableInOneFinding) {
  FactsBuilder facts;
  facts.global("x");
  facts.function("first").write("x");
  facts.function("second").read("x").read("x");
  facts.main().spawn("first", "t").spawn("second", "u").write("x").join("t").join("u");
  auto found = races(facts);
  expectOne(found, "x", Confidence::High);
  EXPECT_EQ(found[0].sites.size() + found[0].places.size(), 4u);
}

TEST(DataRace, DoesNotTakeOneOfSeveralLocksForTheLockOfASingleVariable) {
  FactsBuilder facts;
  facts.global("locks").global("total");
  facts.function("worker").acquire("locks[i]").write("total").release("locks[i]");
  facts.main().beginLoop().spawn("worker", "t[i]").endLoop();
  expectOne(races(facts), "total", Confidence::Medium);
}

TEST(DataRace, LetsEachElementHaveALockOfItsOwn) {
  FactsBuilder facts;
  facts.global("locks").global("used");
  facts.function("worker").acquire("locks[i]").write("used[i]").release("locks[i]");
  facts.main().beginLoop().spawn("worker", "t[i]").endLoop();
  expectNone(races(facts));
}

}  // namespace
}  // namespace deadheat
