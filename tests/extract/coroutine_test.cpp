// Coroutines: where they are suspended, what becomes of tasks, what their types say.
#include <gtest/gtest.h>

#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

/// A lazy task of the user's, an eager one that is never awaited, and a lock for tasks.
const std::string kTypes = R"(#include <coroutine>
#include <mutex>
#include <utility>
template <class Start> struct TaskOf {
  struct promise_type {
    TaskOf get_return_object() { return TaskOf{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    Start initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<>);
  void await_resume() {}
};
using Task = TaskOf<std::suspend_always>;
using Eager = TaskOf<std::suspend_never>;
struct __attribute__((annotate("deadheat: kind: lock, asynchronous: true"))) AsyncMutex {
  struct Lock;
  __attribute__((annotate("deadheat: effect: acquire, awaited: true"))) Lock enter();
  __attribute__((annotate("deadheat: effect: release"))) void leave();
};
struct AsyncMutex::Lock { bool await_ready(); void await_suspend(std::coroutine_handle<>); void await_resume(); };
std::mutex m; AsyncMutex am; int g;
Task leaf(const int& from) { g = from; co_return; }
)";

Extraction coroutine(const std::string& text) { return extractText(kTypes + text, {"-std=c++20"}); }

/// The events without calls of awaiters, promises and what has to do with their objects.
Lines eventsIn(const std::string& text, const std::string& name) {
  const Extraction unit = coroutine(text);
  if (!unit.parsed) return {"does not parse"};
  Lines lines = eventsOf(unit.facts, name);
  std::erase_if(lines, [](const std::string& line) {
    return line.find("await_") != std::string::npos || line.find("promise") != std::string::npos ||
           line.starts_with("assign");
  });
  return lines;
}

TEST(Coroutine, IsSuspendedBetweenHandingOverAndGoingOn) {
  const Extraction unit = coroutine("Task f() { g = 1; co_await leaf(2); g = 3; }");
  ASSERT_TRUE(unit.parsed);
  const Lines lines = eventsOf(unit.facts, "f");
  auto at = [&](const std::string& text) {
    return std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.find(text) != std::string::npos; });
  };
  ASSERT_NE(at("suspend co_await"), lines.end());
  EXPECT_LT(at("await_suspend"), at("suspend co_await"));
  EXPECT_LT(at("suspend co_await"), at("await_resume"));
}

TEST(Coroutine, ATaskAwaitedAtOnceIsACall) {
  EXPECT_EQ(eventsIn("Task f() { co_await leaf(g); g = 3; }", "f"),
            (Lines{"suspend initial_suspend", "call leaf(&g) -> result awaited", "suspend co_await", "write g",
                   "suspend final_suspend"}));
}

TEST(Coroutine, ATaskKeptIsJoinedWhereItIsAwaited) {
  EXPECT_EQ(eventsIn("Task f() { Task t = leaf(g); g = 2; co_await std::move(t); g = 3; }", "f"),
            (Lines{"suspend initial_suspend", "call leaf(&g) -> result as a task", "write g", "suspend co_await for $t",
                   "join $t by awaiting", "write g", "suspend final_suspend"}));
}

TEST(Coroutine, ADroppedTaskHasNoHandle) {
  EXPECT_EQ(eventsIn("void f() { leaf(g); g = 2; }", "f"), (Lines{"call leaf(&g) as a task", "write g"}));
}

TEST(Coroutine, SaysWhetherItStartsAtOnce) {
  const Extraction unit = coroutine("Eager f() { co_return; } Task h() { co_return; }");
  ASSERT_TRUE(functionNamed(unit.facts, "f")->coroutine);
  EXPECT_EQ(functionNamed(unit.facts, "f")->coroutine->start, Coroutine::Start::Eager);
  EXPECT_EQ(functionNamed(unit.facts, "h")->coroutine->start, Coroutine::Start::Lazy);
  EXPECT_FALSE(functionNamed(unit.facts, "h")->coroutine->generator);
}

TEST(Coroutine, MayStartWhereItsFirstSuspensionTellsSomebodyOfIt) {
  const std::string awaiter = "{ bool await_ready() const noexcept { return false; } void await_resume() const noexcept {}"
                              " void await_suspend(std::coroutine_handle<> h) const noexcept ";
  const Extraction unit = coroutine("void post(std::coroutine_handle<> h) noexcept; struct Posts " + awaiter +
                                    "{ post(h); } }; struct Waits " + awaiter +
                                    "{} }; TaskOf<Posts> f() { co_return; } TaskOf<Waits> h() { co_return; }");
  ASSERT_TRUE(unit.parsed);
  EXPECT_EQ(functionNamed(unit.facts, "f")->coroutine->start, Coroutine::Start::Unknown);
  EXPECT_EQ(functionNamed(unit.facts, "h")->coroutine->start, Coroutine::Start::Lazy);
}

TEST(Coroutine, IsNotSuspendedByWhatIsAlwaysReady) {
  EXPECT_EQ(eventsIn("struct Ready { bool await_ready() const noexcept { return true; } void await_suspend(std::coroutine_handle<>) {}"
                     " void await_resume() {} };"
                     "Eager f() { co_await std::suspend_never{}; co_await Ready{}; g = 1; }", "f"),
            (Lines{"write g", "suspend final_suspend"}));
}

TEST(Coroutine, AGeneratorIsNoTask) {
  const Extraction unit = coroutine(R"(
    struct Numbers { struct promise_type { Numbers get_return_object() { return {}; }
      std::suspend_always initial_suspend() { return {}; } std::suspend_always final_suspend() noexcept { return {}; }
      std::suspend_always yield_value(int) { return {}; } void return_void() {} void unhandled_exception() {} }; };
    Numbers count() { co_yield 1; g = 2; co_yield 3; } void f() { auto n = count(); })");
  ASSERT_TRUE(unit.parsed);
  EXPECT_TRUE(functionNamed(unit.facts, "count")->coroutine->generator);
  const Lines lines = eventsOf(unit.facts, "count");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "suspend co_yield"), 2);
  EXPECT_EQ(eventsOf(unit.facts, "f").front(), "call count() -> result");
}

TEST(Coroutine, AThreadsLockAndATasksLockAreToldApart) {
  EXPECT_EQ(eventsIn("Eager f() { co_await am.enter(); g = 1; am.leave(); }", "f"),
            (Lines{"suspend co_await", "acquire am by the task", "write g", "release am", "suspend final_suspend"}));
}

TEST(Coroutine, LocksAreHeldAcrossTheSuspension) {
  EXPECT_EQ(eventsIn("Task f() { std::lock_guard<std::mutex> l(m); co_await leaf(1); g = 2; }", "f"),
            (Lines{"suspend initial_suspend", "acquire $l.$lock* guard", "call leaf(&$tmp) -> result awaited",
                   "suspend co_await", "write g", "release $l.$lock* guard", "suspend final_suspend"}));
}

TEST(Coroutine, TraitsMakeATaskOfAClassThatKnowsNothingOfIt) {
  const Extraction unit = coroutine(R"(
    struct Promise;
    struct Job { bool await_ready(); void await_suspend(std::coroutine_handle<>); void await_resume(); };
    template <class... A> struct std::coroutine_traits<Job, A...> { using promise_type = Promise; };
    struct Promise { Job get_return_object() { return {}; } std::suspend_always initial_suspend() { return {}; }
      std::suspend_always final_suspend() noexcept { return {}; } void return_void() {} void unhandled_exception() {} };
    Job work() { g = 1; co_return; } void f() { Job j = work(); })");
  ASSERT_TRUE(unit.parsed);
  EXPECT_EQ(eventsOf(unit.facts, "f").front(), "call work() -> result as a task");
}

TEST(Coroutine, HandlesResumeAndDestroy) {
  EXPECT_EQ(eventsIn("void f(std::coroutine_handle<> h) { h.resume(); h.destroy(); }", "f"),
            (Lines{"resume %h", "destroy task %h"}));
}

}  // namespace
}  // namespace deadheat::test
