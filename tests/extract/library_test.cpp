#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

const std::string kHead =
    "#include <vector>\n#include <map>\n#include <string>\n#include <memory>\n#include <atomic>\n#include <algorithm>\n"
    "#include <functional>\n#include <mutex>\n#include <condition_variable>\nstruct N { int v; N* next; ~N(); };\n"
    "std::mutex m; std::condition_variable cv; int g;\n";

TEST(Containers, OperationsAreAccessesOfTheContainer) {
  EXPECT_EQ(eventsOf(kHead + "std::vector<int> v; void f() { v.push_back(1); g = v[0]; v.clear(); g = v.size(); }", "f"),
            (Lines{"write v by std::vector::push_back", "read v by std::vector::operator[]", "read v[0]", "write g",
                   "write v by std::vector::clear", "read v by std::vector::size", "write g"}));
}

TEST(Containers, LookupByIterator) {
  EXPECT_EQ(eventsOf(kHead + "std::map<int, N> k; void f() { auto it = k.find(3); it->second.v = 1; k[2].v = 5; }", "f"),
            (Lines{"read k by std::map::find", "assign $it = &k[]", "write $it*.second.v",
                   "write k by std::map::operator[]", "write k[].second.v"}));
}

TEST(Containers, RangeForReadsOnceAndNamesTheElement) {
  EXPECT_EQ(eventsOf(kHead + "std::vector<N> v; void f() { for (auto& n : v) n.v++; }", "f"),
            (Lines{"read v by std::vector::begin", "read-write v[].v"}));
  EXPECT_EQ(eventsOf(kHead + "std::vector<N*> v; void f() { for (N* n : v) n->v++; }", "f"),
            (Lines{"read v by std::vector::begin", "read v[]", "assign $n = v[]", "read-write $n*.v"}));
}

TEST(Containers, ElementsKeepWhatIsPutIn) {
  EXPECT_EQ(eventsOf(kHead + "void f(std::vector<N*>& v, N* n) { v.push_back(n); }", "f"),
            (Lines{"write %v* by std::vector::push_back", "assign %v*[] = %n"}));
}

TEST(Containers, StringsAreObjects) {
  EXPECT_EQ(eventsOf(kHead + "std::string s; void f() { s += \"x\"; g = s.size(); std::string t = s; }", "f"),
            (Lines{"write s by std::basic_string::operator+=", "read s by std::basic_string::size", "write g",
                   "read s by std::basic_string::copy", "assign $t = object s"}));
}

TEST(Library, ArgumentsTakenByReferenceAreRead) {
  EXPECT_EQ(eventsOf(kHead + "int h; void f() { int x = std::max(g, h); std::vector<int> v; v.push_back(g); std::swap(g, h); }", "f"),
            (Lines{"read g", "read h", "read g", "read-write g", "read-write h"}));
}

TEST(Library, CallbacksRunAtOnce) {
  EXPECT_EQ(eventsOf(kHead + "void f(std::vector<int>& v) { std::for_each(v.begin(), v.end(), [](int) { g = 1; }); }", "f"),
            (Lines{"read %v* by std::vector::begin", "read %v* by std::vector::end",
                   "call f()::lambda() on &$lambda -> result"}));
}

TEST(SmartPointers, ArePointers) {
  EXPECT_EQ(eventsOf(kHead + "std::shared_ptr<N> p; void f() { auto q = p; q->v = 1; p.reset(); }", "f"),
            (Lines{"read p by std::shared_ptr::copy", "assign $q = p", "write $q*.v",
                   "write p by std::shared_ptr::reset", "assign p = constant"}));
}

TEST(SmartPointers, MakeUniqueConstructsAndDeletes) {
  EXPECT_EQ(eventsOf(kHead + "struct S { S(int); ~S(); int v; }; void f() { auto p = std::make_unique<S>(1); p->v = 2; }", "f"),
            (Lines{"allocate new S", "call S::S(constant 1) on &new", "assign $p = &new", "write $p*.v",
                   "call S::~S() on $p", "free $p*"}));
}

TEST(SmartPointers, MovedFromOwnsNothing) {
  EXPECT_EQ(eventsOf(kHead + "void keep(std::unique_ptr<N>); void f() { auto p = std::make_unique<N>(); keep(std::move(p)); }", "f"),
            (Lines{"allocate new N", "assign $p = &new", "assign $tmp = $p", "call keep($p)"}));
}

TEST(SmartPointers, NewAndDelete) {
  EXPECT_EQ(eventsOf(kHead + "void f() { N* n = new N(); n->v = 1; delete n; }", "f"),
            (Lines{"allocate new N", "assign $n = &new", "write $n*.v", "call N::~N() on $n", "free $n*"}));
}

TEST(Callables, HoldWhatTheyAreGiven) {
  EXPECT_EQ(eventsOf(kHead + "std::function<void()> cb; void f() { cb = [] { g = 1; }; cb(); }", "f"),
            (Lines{"write cb by std::function::operator=", "assign cb = object $lambda",
                   "read cb by std::function::operator()", "call [cb]()"}));
}

TEST(Atomics, CarryTheirOrder) {
  EXPECT_EQ(eventsOf(kHead + "std::atomic<int> a; void f() { a.store(1, std::memory_order_release); "
                             "g = a.load(std::memory_order_acquire); a++; a = 2; g = a; int e = 0; "
                             "a.compare_exchange_strong(e, 1, std::memory_order_acq_rel); }", "f"),
            (Lines{"write a atomic release", "read a atomic acquire", "write g", "read-write a atomic seq_cst",
                   "write a atomic seq_cst", "read a atomic seq_cst", "write g", "read-write a atomic acq_rel"}));
}

TEST(Atomics, RefersToPlainMemory) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::atomic_ref<int> r(g); r.store(1); }", "f", {"-std=c++20"}),
            (Lines{"assign $r.$ref = &g", "write $r.$ref* atomic seq_cst"}));
}

TEST(Atomics, FencesAreAccessesOfNothing) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::atomic_thread_fence(std::memory_order_acquire); }", "f"),
            Lines{"read-write ? atomic acquire by fence"});
}

TEST(Conditions, PredicateLoopOrNeither) {
  EXPECT_EQ(eventsOf(kHead + "void f() { std::unique_lock l(m); cv.wait(l, [] { return g > 0; }); }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard", "call f()::lambda() on &$lambda",
                   "awaited g", "wait cv releasing $l.$lock* with a predicate", "release $l.$lock* guard"}));
  EXPECT_EQ(eventsOf(kHead + "void f() { std::unique_lock l(m); while (!g) cv.wait(l); }", "f").at(5),
            "wait cv releasing $l.$lock* in a loop");
  EXPECT_EQ(eventsOf(kHead + "void f() { std::unique_lock l(m); if (!g) cv.wait(l); cv.notify_all(); }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard", "read g", "awaited g",
                   "wait cv releasing $l.$lock*", "notify all cv", "release $l.$lock* guard"}));
}

TEST(Conditions, TimedWaits) {
  EXPECT_EQ(eventsOf(kHead + "#include <chrono>\nvoid f() { std::unique_lock l(m); cv.wait_for(l, std::chrono::seconds(1), [] { return g > 0; }); }", "f").at(4),
            "timed wait cv releasing $l.$lock* with a predicate");
}

}  // namespace
}  // namespace deadheat::test
