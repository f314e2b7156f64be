#include <fstream>
#include <thread>

#include "analyzers/extract/compilation_database.h"
#include "gtest/gtest.h"
#include "tests/support/extracted.h"
#include "tests/support/temporary_folder.h"

namespace deadheat::test {
namespace {

std::string databaseError(const std::string& text) {
  const std::string path = ::testing::TempDir() + "/compile_commands_bad.json";
  std::ofstream(path) << text;
  auto commands = loadCompilationDatabase(path);
  return commands ? "no error" : llvm::toString(commands.takeError());
}

TEST(Database, AbsentEmptyAndMalformedSayWhatToDo) {
  auto absent = loadCompilationDatabase("/nonexistent");
  ASSERT_FALSE(static_cast<bool>(absent));
  EXPECT_NE(llvm::toString(absent.takeError()).find("-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"), std::string::npos);
  EXPECT_NE(databaseError("[]").find("is empty"), std::string::npos);
  EXPECT_NE(databaseError("{").find("is malformed"), std::string::npos);
  EXPECT_NE(databaseError("{}").find("not a list"), std::string::npos);
  EXPECT_NE(databaseError("[{\"file\": \"a.c\"}]").find("entry 0 lacks"), std::string::npos);
  EXPECT_NE(databaseError(R"([{"directory": "/", "file": "a.cu", "command": "nvcc a.cu"}])").find("no C or C++ file"),
            std::string::npos);
}

TEST(Database, KeepsOneCommandForEachMeaning) {
  const std::string path = ::testing::TempDir() + "/compile_commands_good.json";
  std::ofstream(path) << R"([
    {"directory": "/p", "file": "a.c", "command": "cc -DA=1 -o a.o -c a.c"},
    {"directory": "/p", "file": "./a.c", "command": "cc -DA=1 -o other.o -c a.c"},
    {"directory": "/p", "file": "a.c", "arguments": ["cc", "-DA=2", "-c", "a.c"]},
    {"directory": "/p", "file": "b.S", "command": "cc -c b.S"}])";
  std::size_t skipped = 0;
  auto commands = loadCompilationDatabase(path, &skipped);
  ASSERT_TRUE(static_cast<bool>(commands));
  EXPECT_EQ(commands->size(), 2U);
  EXPECT_EQ(skipped, 1U);
}

TEST(Input, AMissingHeaderIsNamedAndTheRestIsKept) {
  const Extraction unit = extractText("int g; void f() { g = 1; }\n#include \"made_by_build.h\"\nvoid h() { g = 2; }");
  EXPECT_FALSE(unit.parsed);
  ASSERT_FALSE(unit.facts.diagnostics.empty());
  EXPECT_NE(unit.facts.diagnostics[0].message.find(
                "header 'made_by_build.h' not found (generated header? build the project once first)"),
            std::string::npos);
  EXPECT_EQ(eventsOf(unit.facts, "f"), Lines{"write g"});
}

TEST(Input, BrokenCodeKeepsWhatParses) {
  const Extraction unit = extractText("int g; void f() { g = 1; }\nvoid h() { undeclared(g, 2; }\nvoid k() { g = 3; }");
  EXPECT_FALSE(unit.parsed);
  EXPECT_EQ(eventsOf(unit.facts, "f"), Lines{"write g"});
  EXPECT_EQ(eventsOf(unit.facts, "k"), Lines{"write g"});
}

TEST(Input, FunctionsWithExpressionsThatHaveNoTypeAreLeftOut) {
  const Extraction unit = extractText(
      "int g;\n"
      "struct Base { Base(int); int member; };\n"
      "struct Derived : Base { int a; Derived() : Base(1), a(1, 2) {} void late(int i) { auto f = [i, i(1)] {}; } };\n"
      "void twice() { int local(1, 2); g = local; }\n"
      "void fine() { g = 3; }\n");
  EXPECT_FALSE(unit.parsed);
  EXPECT_EQ(eventsOf(unit.facts, "fine"), Lines{"write g"});
}

TEST(Input, AReferenceBoundToItselfIsAPointerToSomething) {
  const Extraction unit = extractText(
      "struct Node { Node& next; int value; };\n"
      "void f() { Node& a = a.next; a.value = 1; }\n"
      "void g(bool which) { int& x = which ? x : x; x = 1; }\n"
      "void h() { extern Node& make(Node&); Node& c = make(c).next; c.value = 1; Node& d = (d); d.value = 2; }\n");
  for (const char* name : {"f", "g", "h"}) EXPECT_FALSE(eventsOf(unit.facts, name).empty()) << name;
}

TEST(Input, AnAbsentFileIsADiagnostic) {
  const Extraction unit = extract({"/", "/nonexistent/a.cpp", {"c++", "-c", "/nonexistent/a.cpp"}}, builtinModels());
  EXPECT_FALSE(unit.parsed);
  EXPECT_EQ(unit.facts.diagnostics.size(), 1U);
}

TEST(Input, AnAbsentResourceDirectoryIsOneLine) {
  ExtractOptions options;
  options.resourceDirectory = "/nonexistent";
  const Extraction unit = extract({"/", "/a.cpp", {"c++", "/a.cpp"}}, builtinModels(), options);
  ASSERT_EQ(unit.facts.diagnostics.size(), 1U);
  EXPECT_NE(unit.facts.diagnostics[0].message.find("stddef.h"), std::string::npos);
}

TEST(Flags, GccOnlyFlagsAreDroppedAndListed) {
  const Extraction unit = extractText("int g; void f() { g = 1; }",
                                      {"-std=c++17", "-fconserve-stack", "-mrecord-mcount", "-fno-such-gcc-flag", "-Werror",
                                       "-Wno-such-warning", "-fsanitize=thread", "-O2", "-MMD", "-MF", "x.d", "-o", "x.o"});
  EXPECT_TRUE(unit.parsed);
  EXPECT_EQ(eventsOf(unit.facts, "f"), Lines{"write g"});
  EXPECT_NE(std::find(unit.droppedFlags.begin(), unit.droppedFlags.end(), "-fno-such-gcc-flag"), unit.droppedFlags.end());
}

TEST(Flags, LaunchersInFrontAreStripped) {
  for (const std::vector<std::string>& front :
       {std::vector<std::string>{"ccache", "c++"}, {"/opt/bin/deadheat", "c++", "g++"}, {"deadheat", "c++"},
        {"distcc", "/usr/bin/g++-12"}, {"env", "A=1", "c++"}}) {
    CompileCommand command{"/", "/a.cpp", front};
    command.arguments.insert(command.arguments.end(), {"-std=c++17", "-c", "/a.cpp"});
    ExtractOptions options;
    options.virtualFiles.emplace_back("/a.cpp", "class C; int g; void f() { g = 1; }");
    const Extraction unit = extract(command, builtinModels(), options);
    EXPECT_TRUE(unit.parsed) << front[0];
    EXPECT_EQ(eventsOf(unit.facts, "f"), Lines{"write g"}) << front[0];
  }
}

TEST(Flags, ResponseFilesAndRelativePathsStartAtTheDirectory) {
  TemporaryFolder folder;
  folder.write("build/flags.rsp", "-I../include -DVALUE=g");
  folder.write("include/h.h", "extern int g;");
  const std::string file = folder.write("a.cpp", "#include \"h.h\"\nvoid f() { VALUE = 1; }");
  CompileCommand command{(folder.path() / "build").string(), "../a.cpp", {"c++", "@flags.rsp", "-c", "../a.cpp"}};
  const Extraction unit = extract(command, builtinModels(), {});
  EXPECT_TRUE(unit.parsed);
  EXPECT_EQ(unit.facts.mainFile, file);
  EXPECT_EQ(eventsOf(unit.facts, "f"), Lines{"write g"});
}

TEST(Input, EqualInputGivesEqualFactsAlsoFromSeveralThreads) {
  const std::string text = "#include <mutex>\n#include <map>\nstd::mutex m; std::map<int, int> k; void f() { "
                           "std::lock_guard l(m); k[1] = 2; }";
  std::vector<Extraction> units(4);
  std::vector<std::thread> threads;
  for (Extraction& unit : units) threads.emplace_back([&unit, &text] { unit = extractText(text); });
  for (std::thread& thread : threads) thread.join();
  for (const Extraction& unit : units) EXPECT_EQ(unit.facts, units[0].facts);
}

TEST(Input, DeepNestingDoesNotOverflowTheStack) {
  std::string sum = "g";
  for (int i = 0; i < 20000; ++i) sum += " + g";
  EXPECT_TRUE(extractText("int g; int f() { return " + sum + "; }", {"-std=c++17"}).facts.functions.size() <= 1);
}

TEST(Modes, EveryStandardParses) {
  for (const char* standard : {"c++11", "c++14", "c++17", "c++20", "c++23"}) {
    const std::string flag = std::string("-std=") + standard;
    EXPECT_EQ(eventsOf("#include <mutex>\n#include <thread>\nstd::mutex m; int g; void f() { std::lock_guard<std::mutex> "
                       "l(m); std::thread t([] { g = 1; }); t.join(); }", "f", {flag}).size(), 6U) << flag;
  }
  for (const char* standard : {"c99", "c11", "gnu11", "c17", "gnu17"})
    EXPECT_EQ(eventsOf("int g; void f(void) { g = 1; }", "f", {std::string("-std=") + standard}), Lines{"write g"});
}

TEST(Modes, CoroutinesSuspend) {
  const Extraction unit = extractText(R"(#include <coroutine>
    struct Task { struct promise_type { Task get_return_object() { return {}; } std::suspend_never initial_suspend() { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; } void return_void() {} void unhandled_exception() {} }; };
    int g;
    Task f() { g = 1; co_await std::suspend_always{}; g = 2; })", {"-std=c++20"});
  EXPECT_TRUE(unit.parsed);
  const Lines lines = eventsOf(unit.facts, "f");
  EXPECT_NE(std::find(lines.begin(), lines.end(), "suspend co_await"), lines.end());
  EXPECT_NE(std::find(lines.begin(), lines.end(), "write g"), lines.end());
}

TEST(Modes, OpenMpAndAssemblyDoNoHarm) {
  EXPECT_EQ(eventsOf("int g; void f() {\n#pragma omp parallel for\nfor (int i = 0; i < 3; ++i) g = i;\n asm(\"nop\"); }", "f",
                     {"-std=c++17", "-fopenmp"}).empty(), false);
}

TEST(Templates, AreSeenAsInstantiated) {
  const Extraction unit = extractText("template <class T> struct B { T v; void set(T t) { v = t; } template <class U> void "
                                      "put(U u) { v = u; } }; void f() { B<int> a; a.set(1); B<long> b; b.put('c'); }");
  EXPECT_NE(functionNamed(unit.facts, "B<int>::set"), nullptr);
  EXPECT_NE(functionNamed(unit.facts, "B<long>::put"), nullptr);
  EXPECT_EQ(functionNamed(unit.facts, "B<long>::set"), nullptr);
}

TEST(Input, ClassTemplatesMayBefriendEachOther) {
  const Extraction extraction = extractText(
      "template <class T> class Right; int g;"
      "template <class T> class Left { template <class> friend class Right; public: void f() { g = 1; } };"
      "template <class T> class Right { template <class> friend class Left; template <class> friend class Right;"
      "  friend void touch(Right&) { g = 2; } };"
      "void use() { Left<int>().f(); Right<int> r; touch(r); }");
  EXPECT_TRUE(extraction.parsed);
  EXPECT_EQ(eventsOf(extraction.facts, "touch"), (Lines{"write g"}));
}

TEST(Input, WhatATemplateOfTheUnitCouldNotBeIsNoErrorOfTheUnit) {
  const Extraction unit = extractText(R"(template <class T> struct Base {
  constexpr Base() : value(T{}) {}
  constexpr explicit Base(int from) : value(from) {}
  T value;
};
template <class T> struct Holder : Base<T> {
  constexpr Holder() = default;
  constexpr explicit Holder(int from) : Base<T>(from) {}
};
struct NoDefault { explicit NoDefault(int); ~NoDefault(); };
Holder<NoDefault> make() { return Holder<NoDefault>(1); }
)");
  EXPECT_TRUE(unit.parsed);
  EXPECT_FALSE(extractText("template <class T> T make() { return T{}; } struct No { explicit No(int); }; No n = make<No>();").parsed);
}

}  // namespace
}  // namespace deadheat::test
