// Libraries that are not on the machine, by headers of the same shape.
#include <algorithm>
#include <iterator>

#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

Lines eventsWith(const std::string& header, const std::string& text, const std::string& name) {
  CompileCommand command{"/", "/source/test.cpp", {"c++", "-std=c++17", "-isystem", "/library", "-c", "/source/test.cpp"}};
  ExtractOptions options;
  options.virtualFiles = {{"/library/library.h", header}, {"/source/test.cpp", "#include \"library.h\"\n" + text}};
  return eventsOf(extract(command, builtinModels(), options).facts, name);
}

TEST(OtherLibraries, AbslGuardsTakePointers) {
  const std::string header = "namespace absl { inline namespace lts { class Mutex { public: void Lock(); void Unlock(); void ReaderLock(); }; "
                             "class CondVar { public: void Wait(Mutex*); void SignalAll(); }; "
                             "class MutexLock { public: explicit MutexLock(Mutex*); ~MutexLock(); }; } }";
  EXPECT_EQ(eventsWith(header, "absl::Mutex m; absl::CondVar c; int g; void f() { absl::MutexLock l(&m); while (!g) c.Wait(&m); }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard", "read g", "release $l.$lock* guard",
                   "awaited g", "wait c releasing m in a loop"}));
  EXPECT_EQ(eventsWith(header, "absl::Mutex m; void f() { m.ReaderLock(); m.Lock(); m.Unlock(); }", "f"),
            (Lines{"acquire m shared", "acquire m", "release m"}));
}

TEST(OtherLibraries, QtLockers) {
  const std::string header = "class QMutex { public: void lock(); void unlock(); bool tryLock(int = 0); }; "
                             "template <class M> class QMutexLocker { public: explicit QMutexLocker(M*); ~QMutexLocker(); void unlock(); };";
  EXPECT_EQ(eventsWith(header, "QMutex m; int g; void f() { QMutexLocker<QMutex> l(&m); g = 1; l.unlock(); }", "f"),
            (Lines{"assign $l.$lock = &m", "acquire $l.$lock* guard", "write g", "release $l.$lock* guard",
                   "release $l.$lock* guard"}));
}

const char* const kAsio =
    "namespace asio { class io_context { public: unsigned long run(); }; "
    "struct use_future_t {}; constexpr use_future_t use_future{}; "
    "template <class E> class strand { public: explicit strand(E&); }; "
    "class thread_pool { public: explicit thread_pool(int); void join(); }; "
    "template <class C> class basic_waitable_timer { public: explicit basic_waitable_timer(io_context&); "
    "template <class H> void async_wait(H&& h); }; using steady_timer = basic_waitable_timer<int>; "
    "template <class E, class H> void post(E&& e, H&& h); "
    "template <class E, class H> H bind_executor(const E& e, H&& h); }";

Lines spawnsIn(const std::string& text) {
  Lines all = eventsWith(kAsio, text, "f"), out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [](const std::string& line) { return line.starts_with("spawn"); });
  return out;
}

TEST(OtherLibraries, AsiosHandlersRunWhereTheirExecutorSays) {
  const std::string globals = "asio::io_context io; asio::strand<asio::io_context> strand(io); asio::thread_pool pool(2), one(1); void g(); ";
  EXPECT_EQ(spawnsIn(globals + "void f() { asio::post(io, g); asio::post(strand, g); asio::post(pool, g); asio::post(one, g); }"),
            (Lines{"spawn g() as io.$loop on its executor by asio::post", "spawn g() as strand.$turn on its executor by asio::post",
                   "spawn g() as pool by asio::post", "spawn g() as one.$turn on its executor by asio::post"}));
}

TEST(OtherLibraries, AsiosLastArgumentIsCalledUnlessItIsAToken) {
  const std::string globals = "asio::io_context io; asio::strand<asio::io_context> strand(io); asio::steady_timer timer(io); void g(); ";
  EXPECT_EQ(spawnsIn(globals + "void f() { timer.async_wait(g); timer.async_wait(asio::use_future); "
                               "timer.async_wait(asio::bind_executor(strand, [] { g(); })); }"),
            (Lines{"spawn g() as timer.$executor* on its executor by asio::basic_waitable_timer::async_wait",
                   "spawn f()::lambda() on object $lambda as strand.$turn on its executor by "
                   "asio::basic_waitable_timer::async_wait"}));
}

TEST(OtherLibraries, UnknownOnesReadByConstAndWriteOtherwise) {
  const std::string header = "namespace lib { class Box { public: int get() const; void set(int); static int count(); ~Box(); }; "
                             "void visit(void (*)(int*), int*); void plain(int*); }";
  EXPECT_EQ(eventsWith(header, "lib::Box b; int g; void cb(int*); void f() { b.get(); b.set(1); lib::Box::count(); lib::plain(&g); lib::visit(cb, &g); }", "f"),
            (Lines{"read b by lib::Box::get", "write b by lib::Box::set", "escape function _Z2cbPi", "escape &g"}));
}

}  // namespace
}  // namespace deadheat::test
