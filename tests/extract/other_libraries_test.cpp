// Libraries that are not on the machine, by headers of the same shape.
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

TEST(OtherLibraries, UnknownOnesReadByConstAndWriteOtherwise) {
  const std::string header = "namespace lib { class Box { public: int get() const; void set(int); static int count(); ~Box(); }; "
                             "void visit(void (*)(int*), int*); void plain(int*); }";
  EXPECT_EQ(eventsWith(header, "lib::Box b; int g; void cb(int*); void f() { b.get(); b.set(1); lib::Box::count(); lib::plain(&g); lib::visit(cb, &g); }", "f"),
            (Lines{"read b by lib::Box::get", "write b by lib::Box::set", "escape function _Z2cbPi", "escape &g"}));
}

}  // namespace
}  // namespace deadheat::test
