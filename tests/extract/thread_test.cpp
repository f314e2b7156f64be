#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

const std::string kHead =
    "#include <thread>\n#include <vector>\n#include <array>\n#include <memory>\n#include <future>\n#include <functional>\n"
    "#include <mutex>\n#include <atomic>\nvoid work(); void add(int&, int); struct W { void run(int); void operator()(); };\n";

TEST(Threads, FunctionWithArguments) {
  EXPECT_EQ(eventsOf(kHead + "void f() { int x = 0; std::thread t(add, std::ref(x), 2); t.join(); }", "f"),
            (Lines{"spawn add(&$x, constant) as $t by std::thread", "join $t", "destroy thread $t"}));
}

TEST(Threads, LambdaIsACopyWithItsCaptures) {
  EXPECT_EQ(eventsOf(kHead + "void f() { int x = 0, y = 1; std::thread t([&x, y] { x = y; }); t.detach(); }", "f"),
            (Lines{"assign $lambda.x = &$x", "assign $lambda.y = constant",
                   "spawn f()::lambda() on object $lambda as $t by std::thread", "detach $t", "destroy thread $t"}));
}

TEST(Threads, MemberFunctionTakesItsReceiverFirst) {
  EXPECT_EQ(eventsOf(kHead + "void f(W* w) { std::thread t(&W::run, w, 3); t.join(); }", "f"),
            (Lines{"spawn W::run(constant) on %w as $t by std::thread", "join $t", "destroy thread $t"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { W w; std::thread t(&W::run, w, 3); t.join(); }", "f"),
            (Lines{"spawn W::run(constant) on object $w as $t by std::thread", "join $t", "destroy thread $t"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { W w; std::thread t(&W::run, std::ref(w), 3); t.join(); }", "f"),
            (Lines{"spawn W::run(constant) on &$w as $t by std::thread", "join $t", "destroy thread $t"}));
}

TEST(Threads, FunctorAndBind) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::thread t{W()}; t.join(); }", "f"),
            (Lines{"spawn W::operator()() on object $tmp as $t by std::thread", "join $t", "destroy thread $t"}));
  EXPECT_EQ(eventsOf(kHead + "void f(W& w) { std::thread t(std::bind(&W::run, &w, 1)); t.join(); }", "f").at(3),
            "spawn W::run(constant) on &%w* as $t by std::thread");
}

TEST(Threads, FunctionPointerAndStdFunction) {
  EXPECT_EQ(eventsOf(kHead + "void f(void (*p)()) { std::thread t(p); t.join(); }", "f"),
            (Lines{"spawn [%p]() as $t by std::thread", "join $t", "destroy thread $t"}));
  EXPECT_EQ(eventsOf(kHead + "void f(std::function<void()> p) { std::thread t(p); t.join(); }", "f"),
            (Lines{"spawn [%p]() as $t by std::thread", "join $t", "destroy thread $t"}));
}

TEST(Threads, InVectorsArraysAndPointers) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::vector<std::thread> v; v.emplace_back(work); "
                             "v.push_back(std::thread(work)); for (auto& t : v) t.join(); }", "f"),
            (Lines{"spawn work() as $v[] by std::thread", "spawn work() as $tmp by std::thread",
                   "assign $v[] = object $tmp", "destroy thread $v[]", "join $v[]"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { std::thread a[2] = {std::thread(work), std::thread(work)}; "
                             "for (auto& t : a) t.join(); }", "f"),
            (Lines{"spawn work() as $a[0] by std::thread", "spawn work() as $a[1] by std::thread",
                   "destroy thread $a[]", "join $a[]", "flag $__begin1"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { auto p = std::make_unique<std::thread>(work); p->join(); }", "f"),
            (Lines{"allocate new std::thread", "spawn work() as new by std::thread", "assign $p = &new", "join $p*",
                   "destroy thread $p*", "free $p*"}));
}

TEST(Threads, CopiesThatAreLeftOutEndNothing) {
  const std::string source = kHead + "std::future<int> g(); void f() { auto t = std::thread(work); auto v = g(); v.get(); "
                                     "auto l = std::unique_lock<std::mutex>(*new std::mutex); t.join(); }";
  EXPECT_EQ(eventsOf(source, "f", {"-std=c++14"}), eventsOf(source, "f", {"-std=c++17"}));
}

TEST(Threads, MemberAssignedLater) {
  EXPECT_EQ(eventsOf(kHead + "struct S { std::thread t_; void start() { t_ = std::thread(&S::loop, this); } void loop(); "
                             "~S() { if (t_.joinable()) t_.join(); } };", "S::start"),
            (Lines{"spawn S::loop() on &this as $tmp by std::thread", "overwrite thread this.t_",
                   "assign this.t_ = object $tmp"}));
}

TEST(Threads, MemberStartedInTheConstructor) {
  EXPECT_EQ(eventsOf(kHead + "struct S { int n; std::thread t_; S() : n(1), t_([this] { ++n; }) {} };", "S::S"),
            (Lines{"write this.n", "assign $lambda.this = &this",
                   "spawn S::S()::lambda() on object $lambda as this.t_ by std::thread"}));
}

TEST(Threads, JthreadJoinsWhenItDies) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::jthread t([](std::stop_token s) { while (!s.stop_requested()) work(); }); }",
                     "f", {"-std=c++20"}),
            (Lines{"spawn f()::lambda(constant) on object $lambda as $t by std::jthread", "join $t at its end"}));
}

TEST(Threads, AsyncPolicies) {
  EXPECT_EQ(eventsOf(kHead + "void f() { auto r = std::async(std::launch::async, work); r.get(); }", "f"),
            (Lines{"begin future $r", "spawn work() as $r by std::async", "take future $r", "join result of $r",
                   "join $r at its end", "end future $r"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { auto r = std::async(work); }", "f"),
            (Lines{"begin future $r", "spawn work() as $r by std::async", "join $r at its end", "end future $r"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { auto r = std::async(std::launch::deferred, work); }", "f"),
            (Lines{"defer future $r", "call work()", "join $r at its end", "end future $r"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { std::async(std::launch::async, work); work(); }", "f"),
            (Lines{"begin future $tmp", "spawn work() as $tmp by std::async", "join $tmp at its end", "end future $tmp",
                   "call work()"}));
}

TEST(Results, APromiseIsKeptOnceAndItsFutureAskedOnce) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::promise<int> p; auto r = p.get_future(); p.set_value(1); r.get(); }", "f"),
            (Lines{"assign $p = &$p.$state", "begin promise $p", "hand out promise $p", "begin future $r",
                   "assign $r = $p", "store promise $p", "notify all $p*", "take future $r", "join result of $r",
                   "join $r at its end", "end future $r", "end promise $p"}));
}

TEST(Results, WhatIsMovedLeavesAndWhatIsAskedIsNotKnown) {
  EXPECT_EQ(eventsOf(kHead + "void g(std::promise<int>); void f() { std::promise<int> p; g(std::move(p)); }", "f"),
            (Lines{"assign $p = &$p.$state", "begin promise $p", "assign $tmp = $p", "leave promise $p", "call g($p)",
                   "end promise $tmp", "end promise $p"}));
  EXPECT_EQ(eventsOf(kHead + "void f(std::future<int>& r) { if (r.valid()) r.wait(); }", "f"),
            (Lines{"test future %r*", "await future %r*", "join result of %r*"}));
}

TEST(Results, ATaskCallsWhatItWasMadeOf) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::packaged_task<void()> t(work); t(); }", "f"),
            (Lines{"assign $t = &$t.$state", "begin promise $t", "assign $t.$state.$task = function _Z4workv",
                   "call [$t*.$task]()", "store promise $t", "notify all $t*", "end promise $t"}));
}

TEST(Threads, GenericLambdasAreSeenAsInstantiated) {
  const Extraction unit = extractText(kHead + "int g; void f() { auto l = [](auto x) { g = x; }; l(1); }");
  EXPECT_EQ(eventsOf(unit.facts, "f()::lambda"), Lines{"write g"});
}

TEST(Closures, CapturesAreFields) {
  const Extraction unit = extractText(R"(
    struct S { int n; void m() { auto f = [this, k = &n] { n = 1; *k = 2; }; f(); } };
    void g(int* p) { int a = 0; auto f = [=, &a] { *p = a; [&] { a++; }(); }; f(); })");
  EXPECT_EQ(eventsOf(unit.facts, "S::m"),
            (Lines{"assign $f.this = &this", "assign $f.k = &this.n", "call S::m()::lambda() on &$f"}));
  EXPECT_EQ(eventsOf(unit.facts, "S::m()::lambda"), (Lines{"write this.this*.n", "read this.k", "write this.k*"}));
  EXPECT_EQ(eventsOf(unit.facts, "g"), (Lines{"assign $f.a = &$a", "assign $f.p = %p", "call g()::lambda() on &$f"}));
}

TEST(Closures, BindMakesOne) {
  const Extraction unit = extractText(kHead + "std::function<void(int)> cb; void f(W* w) { cb = std::bind(&W::run, w, "
                                              "std::placeholders::_1); }");
  EXPECT_EQ(eventsOf(unit.facts, "f"),
            (Lines{"assign $tmp.$callable = function _ZN1W3runEi", "assign $tmp.$1 = %w",
                   "assign $tmp.$2 = object std::placeholders::_1", "write cb by std::function::operator=",
                   "assign cb = object $tmp"}));
  EXPECT_EQ(eventsOf(unit.facts, "std::bind(W::run)"), Lines{"call W::run(%_1) on this.$1"});
}

TEST(Closures, GoIntoQueuesOfTasks) {
  EXPECT_EQ(eventsOf(kHead + "std::vector<std::function<void()>> q; int g; void f() { q.push_back([] { g = 1; }); }", "f"),
            (Lines{"assign $tmp = object $lambda", "write q by std::vector::push_back", "assign q[] = object $lambda"}));
}

TEST(Once, IsALockHeldRoundTheCall) {
  EXPECT_EQ(eventsOf(kHead + "std::once_flag o; void f() { std::call_once(o, work); }", "f"),
            (Lines{"acquire o", "call work()", "release o"}));
}

}  // namespace
}  // namespace deadheat::test
