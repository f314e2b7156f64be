// The checks of coroutines, tasks and fibers, from facts written by hand.
#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

using Start = Coroutine::Start;

TEST(LockAcrossSuspend, FindsAMutexHeldAtCoAwait) {
  FactsBuilder facts;
  facts.global("g_mu");
  facts.function("f").coroutine().acquire("g_mu").suspend().release("g_mu");
  expectOne(findingsOf("lock-across-suspend", facts), "g_mu", Confidence::High);
}

TEST(LockAcrossSuspend, IsSilentOnceTheLockIsGivenBack) {
  FactsBuilder facts;
  facts.global("g_mu");
  facts.function("f").coroutine().acquire("g_mu").release("g_mu").suspend();
  expectNone(findingsOf("lock-across-suspend", facts));
}

TEST(LockAcrossSuspend, LeavesLocksOfTasksAlone) {
  FactsBuilder facts;
  facts.global("g_mu");
  Acquire lock;
  lock.byTask = true;
  FunctionBuilder& f = facts.function("f");
  lock.lock = f.path("g_mu");
  f.coroutine().event(lock).suspend().release("g_mu");
  expectNone(findingsOf("lock-across-suspend", facts));
}

TEST(LockAcrossSuspend, DoubtsAYieldAndALockOfTheCoroutinesOwn) {
  FactsBuilder facts;
  facts.global("g_mu");
  facts.function("f").coroutine().acquire("g_mu").suspend(Resumption::Unknown, Suspend::Kind::Yield).release("g_mu");
  facts.function("g").coroutine().acquire("own").suspend().release("own");
  expectOne(findingsOf("lock-across-suspend", facts), "g_mu", Confidence::Medium);
}

TEST(LockAcrossSuspend, FindsALockThatAGuardOfTheProgramsOwnTakes) {
  FactsBuilder facts;
  facts.global("g_mu");
  FunctionBuilder& make = facts.function("Guard").parameters({"mu"});
  make.acquire("*mu");
  FunctionBuilder& f = facts.function("f").coroutine();
  f.call("Guard", {f.at("g_mu")}).suspend().release("g_mu");
  expectOne(findingsOf("lock-across-suspend", facts), "g_mu", Confidence::High);
}

TEST(LockAcrossSuspend, DoubtsWhereWhatIsAwaitedIsGivenTheLock) {
  FactsBuilder facts;
  facts.global("g_mu");
  facts.function("wait").parameters({"mu"});
  FunctionBuilder& f = facts.function("f").coroutine();
  f.acquire("g_mu").call("wait", {f.at("g_mu")}).suspend().release("g_mu");
  expectNone(findingsOf("lock-across-suspend", facts));
}

TEST(LockAcrossSuspend, FindsASwitchOfFibersInACallee) {
  FactsBuilder facts;
  facts.global("g_mu");
  facts.function("relax").suspend(Resumption::Unknown, Suspend::Kind::Switch);
  facts.function("f").acquire("g_mu").call("relax").release("g_mu");
  expectOne(findingsOf("lock-across-suspend", facts), "g_mu", Confidence::Medium);
}

TEST(Tasks, ThatInterleaveDoNotRace) {
  FactsBuilder facts;
  facts.global("g_hits");
  facts.function("work").coroutine().write("g_hits").suspend().write("g_hits");
  facts.main().makeTask("work", "a").makeTask("work", "b").write("g_hits");
  expectNone(races(facts));
}

TEST(Tasks, ThatGoOnAnywhereDo) {
  FactsBuilder facts;
  facts.global("g_hits");
  facts.function("work").coroutine().suspend(Resumption::Anywhere).write("g_hits");
  facts.main().makeTask("work", "a").makeTask("work", "b");
  EXPECT_EQ(races(facts).size(), 1u);
}

TEST(Tasks, AreOnlyThoseOfCoroutines) {
  FactsBuilder facts;
  facts.global("g_hits");
  facts.function("wrap").write("g_hits");
  facts.main().makeTask("wrap", "a");
  EXPECT_EQ(facts.link().statistics().threads, 0u);
}

TEST(CoroutineDangling, FindsALocalOfAFunctionThatReturnsTheTask) {
  FactsBuilder facts;
  facts.function("work").parameters({"name"}).coroutine().suspend().read("*name");
  FunctionBuilder& f = facts.function("f");
  f.makeTask("work", "call:t", {f.at("local")}).returns(f.object("call:t")).free("local");
  const std::vector<Finding> findings = findingsOf("coroutine-dangling", facts);
  ASSERT_EQ(findings.size(), 1u) << messages(findings);
  EXPECT_EQ(findings[0].confidence, Confidence::High);
}

TEST(CoroutineDangling, IsSilentWhereTheTaskIsAwaitedInTime) {
  FactsBuilder facts;
  facts.function("work").parameters({"name"}).coroutine().suspend().read("*name");
  FunctionBuilder& f = facts.function("f");
  f.coroutine().makeTask("work", "t", {f.at("local")}).await("t").free("local");
  expectNone(findingsOf("coroutine-dangling", facts));
}

TEST(CoroutineDangling, IsSilentWhereNothingIsUsedAfterASuspension) {
  FactsBuilder facts;
  facts.function("work").parameters({"name"}).coroutine(Start::Eager).read("*name").suspend();
  FunctionBuilder& f = facts.function("f");
  f.makeTask("work", "call:t", {f.at("local")}).returns(f.object("call:t")).free("local");
  expectNone(findingsOf("coroutine-dangling", facts));
}

TEST(CoroutineDangling, FindsATemporaryThatATaskIsKeptBeyond) {
  FactsBuilder facts;
  facts.function("work").parameters({"name"}).coroutine().suspend().read("*name");
  FunctionBuilder& f = facts.function("f");
  f.coroutine().makeTask("work", "t", {f.at("$tmp@1:1")}).await("t");
  const std::vector<Finding> findings = findingsOf("coroutine-dangling", facts);
  ASSERT_EQ(findings.size(), 1u) << messages(findings);
  EXPECT_EQ(findings[0].confidence, Confidence::High);
}

TEST(CoroutineDangling, DoesNotTakeAwaitingForPassingOn) {
  FactsBuilder facts;
  facts.function("work").parameters({"name"}).coroutine().suspend().read("*name");
  facts.method("Task::await_ready");
  FunctionBuilder& f = facts.function("f");
  f.coroutine().makeTask("work", "t", {f.at("$tmp@1:1")}).call("Task::await_ready", {}, f.at("t")).await("t");
  EXPECT_EQ(findingsOf("coroutine-dangling", facts).size(), 1u);
}

TEST(CoroutineDangling, LeavesReferencesAloneThatNobodyIsSeenToBreak) {
  FactsBuilder facts;
  facts.function("work").parameters({"name"}).coroutine().suspend().read("*name");
  expectNone(findingsOf("coroutine-dangling", facts));
}

TEST(CoroutineDangling, FollowsAViewThatIsKeptInAVariable) {
  FactsBuilder facts;
  facts.function("work").parameters({"view"}).coroutine().suspend().read("*view");
  FunctionBuilder& f = facts.function("f");
  f.assign("copied", f.at("local")).makeTask("work", "call:t", {f.load("copied")}).returns(f.object("call:t"));
  f.free("local");
  expectOne(findingsOf("coroutine-dangling", facts), "work", Confidence::High);
}

TEST(CoroutineDangling, FollowsAViewThatTheCoroutineCopies) {
  FactsBuilder facts;
  FunctionBuilder& work = facts.function("work").parameters({"view"}).coroutine(Start::Eager);
  work.assign("copied", work.load("view")).suspend().read("*copied");
  FunctionBuilder& f = facts.function("f");
  f.makeTask("work", "call:t", {f.at("local")}).returns(f.object("call:t")).free("local");
  EXPECT_EQ(findingsOf("coroutine-dangling", facts).size(), 1u);
}

TEST(CoroutineDangling, FollowsAViewInAnObjectThatTheTaskIsGiven) {
  FactsBuilder facts;
  facts.function("work")
      .parameters({"request"})
      .coroutine()
      .suspend()
      .read("request.path->text")
      .read("request.number");
  auto giving = [&](std::string_view member) {
    FunctionBuilder& f = facts.function("giving " + std::string(member));
    f.assign("request." + std::string(member), f.at("local")).makeTask("work", "call:t", {f.object("request")});
    f.returns(f.object("call:t")).free("local");
  };
  giving("number");
  expectNone(findingsOf("coroutine-dangling", facts));
  giving("path");
  const std::vector<Finding> findings = findingsOf("coroutine-dangling", facts);
  ASSERT_EQ(findings.size(), 1u) << messages(findings);
  EXPECT_NE(findings[0].message.find("the member 'path' of its parameter 'request'"), std::string::npos)
      << messages(findings);
}

TEST(CoroutineDangling, FindsATemporaryOfATaskThatIsGivenToWhoKeepsIt) {
  FactsBuilder facts;
  facts.global("g_tasks");
  facts.function("work").parameters({"view"}).coroutine().suspend().read("*view");
  FunctionBuilder& keep = facts.function("keep").parameters({"task"});
  keep.assign("g_tasks[]", keep.object("task"));
  facts.function("run").parameters({"task"}).block("get");
  for (std::string taker : {"keep", "run"}) {
    FunctionBuilder& f = facts.function("gives to " + taker);
    f.makeTask("work", "call:t", {f.at("$tmp@1:2")}).call(taker, {f.object("call:t")});
  }
  const std::vector<Finding> findings = findingsOf("coroutine-dangling", facts);
  ASSERT_EQ(findings.size(), 1u) << messages(findings);
  EXPECT_EQ(findings[0].functions, (std::vector<std::string>{"gives to keep", "work"}));
}

TEST(CoroutineDangling, FindsATaskWhoseResultRefersToItsOwnFrame) {
  FactsBuilder facts;
  facts.global("g_text");
  FunctionBuilder& bad = facts.function("bad").coroutine().suspend();
  bad.returns(bad.at("local[]"));
  FunctionBuilder& good = facts.function("good").coroutine().suspend();
  good.returns(good.at("g_text[]"));
  expectOne(findingsOf("coroutine-dangling", facts), "local", Confidence::High);
}

TEST(StaleAfterSuspend, FindsADecisionActedOnAfterwards) {
  FactsBuilder facts;
  facts.global("g_open");
  facts.function("f").coroutine().read("g_open").beginIfSet("g_open").suspend().write("g_open").endIf();
  facts.function("close").write("g_open");
  expectOne(findingsOf("stale-after-suspend", facts), "g_open", Confidence::Medium);
}

TEST(StaleAfterSuspend, AcceptsANewLook) {
  FactsBuilder facts;
  facts.global("g_open");
  facts.function("f").coroutine().read("g_open").beginIfSet("g_open").suspend().read("g_open").beginIfSet("g_open")
      .write("g_open").endIf().endIf();
  facts.function("close").write("g_open");
  expectNone(findingsOf("stale-after-suspend", facts));
}

TEST(StaleAfterSuspend, NeedsSomebodyWhoChangesIt) {
  FactsBuilder facts;
  facts.global("g_open");
  facts.function("f").coroutine().read("g_open").beginIfSet("g_open").suspend().write("g_open").endIf();
  expectNone(findingsOf("stale-after-suspend", facts));
}

TEST(StaleAfterSuspend, FindsAnIteratorKept) {
  FactsBuilder facts;
  facts.global("g_map");
  FunctionBuilder& f = facts.function("f");
  f.coroutine().operation(AccessKind::Read, "g_map", "std::map::find").assign("it", f.at("g_map[]")).suspend().read("*it");
  facts.function("drop").operation(AccessKind::Write, "g_map", "std::map::erase");
  expectOne(findingsOf("stale-after-suspend", facts), "g_map", Confidence::Medium);
}

TEST(StaleAfterSuspend, KnowsThatAMapGrowsInPlace) {
  FactsBuilder facts;
  facts.global("g_map");
  FunctionBuilder& f = facts.function("f");
  f.coroutine().operation(AccessKind::Read, "g_map", "std::map::find").assign("it", f.at("g_map[]")).suspend().read("*it");
  facts.function("add").operation(AccessKind::Write, "g_map", "std::map::insert");
  expectNone(findingsOf("stale-after-suspend", facts));
}

/// A queue is found filled, is worked at, and loses its first element, while others do `change`.
std::vector<Finding> ofAQueue(const std::string& taking, const std::string& change) {
  FactsBuilder facts;
  facts.global("g_queue");
  facts.function("send").coroutine().operation(AccessKind::Read, "g_queue", "std::deque::empty").beginIfSet("g_queue")
      .suspend().operation(AccessKind::Write, "g_queue", taking).endIf();
  facts.function("other").operation(AccessKind::Write, "g_queue", change);
  return findingsOf("stale-after-suspend", facts);
}

TEST(StaleAfterSuspend, KnowsThatTheFirstOfAQueueStaysFirst) {
  expectNone(ofAQueue("std::deque::pop_front", "std::deque::push_back"));
  expectNone(ofAQueue("std::queue::pop", "std::queue::emplace"));
}

TEST(StaleAfterSuspend, FindsAQueueThatOthersTakeFromOrWhoseEndIsTaken) {
  EXPECT_EQ(ofAQueue("std::deque::pop_front", "std::deque::clear").size(), 1u);
  EXPECT_EQ(ofAQueue("std::deque::pop_front", "std::deque::push_front").size(), 1u);
  EXPECT_EQ(ofAQueue("std::vector::pop_back", "std::vector::push_back").size(), 1u);
  EXPECT_EQ(ofAQueue("std::stack::pop", "std::stack::push").size(), 1u);
}

TEST(BlockingInTask, FindsASleep) {
  FactsBuilder facts;
  facts.function("f").coroutine().block("sleep");
  facts.function("other").coroutine().suspend();
  expectOne(findingsOf("blocking-in-task", facts), "f", Confidence::High);
}

TEST(BlockingInTask, LeavesPlainFunctionsAndPoolsAlone) {
  FactsBuilder facts;
  facts.function("plain").block("sleep");
  facts.function("f").coroutine().suspend(Resumption::Anywhere).block("sleep");
  facts.function("other").coroutine().suspend();
  expectNone(findingsOf("blocking-in-task", facts));
}

TEST(BlockingInTask, DoubtsASleepWhereThreadsOfOneKindRunTasks) {
  FactsBuilder facts;
  facts.function("work").block("events");
  facts.function("f").coroutine().block("sleep");
  facts.function("other").coroutine().suspend();
  auto& main = facts.main();
  main.spawn("work", "a").spawn("work", "b").join("a").join("b");
  expectOne(findingsOf("blocking-in-task", facts), "f", Confidence::High);

  FactsBuilder pool;
  pool.function("work").block("events");
  pool.function("f").coroutine().block("sleep");
  pool.function("other").coroutine().suspend();
  pool.main().beginLoop().spawn("work", "threads[]").endLoop();
  expectOne(findingsOf("blocking-in-task", pool), "f", Confidence::Medium);
}

TEST(CapturedReference, DoubtsATaskThatIsHandedOn) {
  FactsBuilder facts;
  facts.function("work").parameters({"name"}).coroutine().suspend(Resumption::Anywhere).write("*name");
  FunctionBuilder& kept = facts.function("kept");
  kept.makeTask("work", "t", {kept.at("local")}).free("local");
  expectOne(findingsOf("captured-reference", facts), "local", Confidence::High);
  FactsBuilder handed;
  handed.function("work").parameters({"name"}).coroutine().suspend(Resumption::Anywhere).write("*name");
  FunctionBuilder& f = handed.function("f");
  handed.function("whenAll").parameters({"task"});
  f.makeTask("work", "call:t", {f.at("local")}).call("whenAll", {f.object("call:t")}).free("local");
  expectOne(findingsOf("captured-reference", handed), "local", Confidence::Medium);
}

TEST(TaskLifetime, FindsALazyTaskThatIsDropped) {
  FactsBuilder facts;
  facts.function("flush").coroutine().suspend();
  facts.function("f").makeTask("flush", "");
  expectOne(findingsOf("task-lifetime", facts), "flush", Confidence::High);
}

TEST(TaskLifetime, LeavesTasksAloneThatRunAtOnceOrAreAwaited) {
  FactsBuilder facts;
  facts.function("flush").coroutine(Start::Eager).suspend();
  facts.function("load").coroutine().suspend();
  FunctionBuilder& f = facts.function("f");
  f.coroutine().makeTask("flush", "call:t").makeTask("load", "call:u").assign("u", f.object("call:u")).await("u");
  expectNone(findingsOf("task-lifetime", facts));
}

TEST(TaskLifetime, LeavesTasksAloneThatACoroutineGivesItselfDeeperDown) {
  FactsBuilder facts;
  facts.function("sum").coroutine().makeTask("sum", "call:t").assign("t", Value::unknown()).await("t").suspend();
  expectNone(findingsOf("task-lifetime", facts));
}

TEST(TaskLifetime, LeavesTasksAloneThatSomebodyElseIsGiven) {
  FactsBuilder facts;
  facts.function("flush").coroutine().suspend();
  facts.function("f").makeTask("flush", "call:t");
  expectNone(findingsOf("task-lifetime", facts));
}

TEST(TaskLifetime, FindsAHandleUsedAfterItsFrameWasDestroyed) {
  FactsBuilder facts;
  FunctionBuilder& f = facts.method("Loop::stop");
  f.event(Resume{f.path("this->handle"), Resume::How::Destroy}).event(Resume{f.path("this->handle"), Resume::How::Resume});
  expectOne(findingsOf("task-lifetime", facts), "Loop::handle", Confidence::High);
}

TEST(TaskLifetime, AcceptsAHandleThatIsSetAnew) {
  FactsBuilder facts;
  FunctionBuilder& f = facts.method("Loop::stop");
  f.event(Resume{f.path("this->handle"), Resume::How::Destroy}).assign("this->handle", Value::constant())
      .event(Resume{f.path("this->handle"), Resume::How::Resume});
  expectNone(findingsOf("task-lifetime", facts));
}

TEST(TaskLifetime, FindsAHandleResumedAfterItWasFoundAtItsEnd) {
  FactsBuilder facts;
  facts.global("g_handle");
  auto resume = [&](FunctionBuilder& f) { f.event(Resume{f.path("g_handle"), Resume::How::Resume}); };
  auto isOver = [&](FunctionBuilder& f) { f.event(Abandon{f.path("g_handle"), Abandon::How::Empty}); };
  FunctionBuilder& bad = facts.function("bad").beginIf();
  isOver(bad);
  resume(bad.endIf());
  FunctionBuilder& good = facts.function("good").beginIf();
  isOver(good);
  good.returns(Value::constant());
  good.orElse();
  resume(good);
  good.endIf();
  const std::vector<Finding> findings = findingsOf("task-lifetime", facts);
  ASSERT_EQ(findings.size(), 1u) << messages(findings);
  EXPECT_EQ(findings[0].functions, std::vector<std::string>{"bad"});
  EXPECT_EQ(findings[0].confidence, Confidence::High);
}

/// A class of iterators whose operator++ resumes a coroutine, and that are equal to the end when it is over.
void addIterator(FactsBuilder& facts) {
  FunctionBuilder& advance = facts.function("Numbers::iterator::operator++").kind(Function::Kind::Method);
  advance.event(Resume{advance.path("this->handle"), Resume::How::Resume});
  facts.function("Numbers::iterator::operator==").kind(Function::Kind::Method).read("this->over");
}

TEST(TaskLifetime, FindsAnIteratorThatGoesOnAfterTheEndOfItsGenerator) {
  FactsBuilder facts;
  addIterator(facts);
  auto compare = [](FunctionBuilder& f) -> FunctionBuilder& {
    return f.call("Numbers::iterator::operator==", {}, f.at("it"), "call:isOver").beginIfReturned("call:isOver");
  };
  FunctionBuilder& bad = compare(facts.function("bad")).endIf();
  bad.call("Numbers::iterator::operator++", {}, bad.at("it"));
  FunctionBuilder& good = compare(facts.function("good")).orElse();
  good.call("Numbers::iterator::operator++", {}, good.at("it")).endIf();
  FunctionBuilder& again = compare(facts.function("again")).assign("it", Value::object(good.path("new:other"))).endIf();
  again.call("Numbers::iterator::operator++", {}, again.at("it"));
  const std::vector<Finding> findings = findingsOf("task-lifetime", facts);
  ASSERT_EQ(findings.size(), 1u) << messages(findings);
  EXPECT_EQ(findings[0].functions, std::vector<std::string>{"bad"});
}

TEST(TaskLifetime, FindsACoroutineDrivenByTwoThreads) {
  FactsBuilder facts;
  facts.global("g_handle");
  FunctionBuilder& draw = facts.function("draw");
  draw.event(Resume{draw.path("g_handle"), Resume::How::Resume});
  facts.main().spawn("draw", "a").spawn("draw", "b").join("a").join("b");
  expectOne(findingsOf("task-lifetime", facts), "g_handle", Confidence::High);
}

}  // namespace
}  // namespace deadheat
