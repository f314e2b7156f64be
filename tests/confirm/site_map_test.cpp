#include "tool/symbols/site_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "llvm/DebugInfo/Symbolize/Symbolize.h"
#include "tests/confirm/compiled.h"
#include "tool/symbols/binary.h"

namespace deadheat {
namespace {

constexpr char kProgram[] = R"(#include <cstdlib>
int hits;
int other;
static inline __attribute__((always_inline)) int helper(int n) {
  hits += n;
  return hits;
}
__attribute__((noinline)) int caller(int n) {
  return helper(n) + 1;
}
__attribute__((noinline)) int two(int n) { hits = n; other = n; return n; }
int main(int argc, char**) {
  // nothing here
  return caller(argc) + two(argc);
}
)";

struct Build {
  const char* compiler;
  const char* flags;
};

class SiteMap : public ::testing::TestWithParam<Build> {
 protected:
  void SetUp() override {
    if (std::system((std::string(GetParam().compiler) + " --version >/dev/null 2>&1").c_str()) != 0)
      GTEST_SKIP() << GetParam().compiler << " is not installed";
    binary_ = compileIn(folder_, "src/site.cpp", kProgram, GetParam().compiler, GetParam().flags);
    ASSERT_FALSE(binary_.empty());
  }

  SourcePoint point(std::uint32_t line, std::uint32_t column = 0) const {
    return {(folder_.path() / "src/site.cpp").string(), line, column};
  }

  SiteRanges find(const SourcePoint& where) const {
    auto mapped = mapSites(binary_, {where});
    if (mapped) return mapped->front();
    ADD_FAILURE() << llvm::toString(mapped.takeError());
    return {};
  }

  /// Functions (inlined callers too) that the ranges' first addresses are in.
  bool inFunction(const std::vector<CodeRange>& ranges, const std::string& name) {
    llvm::symbolize::LLVMSymbolizer symbolizer;
    return std::any_of(ranges.begin(), ranges.end(), [&](const CodeRange& range) {
      auto info = symbolizer.symbolizeInlinedCode(binary_, {range.begin, llvm::object::SectionedAddress::UndefSection});
      if (!info) return llvm::consumeError(info.takeError()), false;
      for (std::uint32_t i = 0; i < info->getNumberOfFrames(); ++i)
        if (llvm::StringRef(info->getFrame(i).FunctionName).starts_with(name)) return true;
      return false;
    });
  }

  TemporaryFolder folder_;
  std::string binary_;
};

TEST_P(SiteMap, FindsAnAccessInAnInlinedFunctionWhereItWasInlined) {
  const SiteRanges site = find(point(5));
  ASSERT_FALSE(site.line.empty());
  EXPECT_TRUE(inFunction(site.line, "caller"));
}

TEST_P(SiteMap, GivesACallTheWholeOfWhatWasInlinedThere) {
  const SiteRanges call = find(point(9)), body = find(point(5));
  ASSERT_FALSE(call.line.empty());
  for (const CodeRange& inner : body.line)
    EXPECT_TRUE(std::any_of(call.line.begin(), call.line.end(), [&](const CodeRange& outer) {
      return outer.begin <= inner.begin && inner.end <= outer.end;
    }));
}

TEST_P(SiteMap, HasNothingForALineWithoutCode) {
  EXPECT_TRUE(find(point(13)).line.empty());
  EXPECT_TRUE(find(point(500)).line.empty());
  EXPECT_TRUE(find({"/elsewhere/unknown.cpp", 5, 0}).line.empty());
}

TEST_P(SiteMap, MatchesAFileByTheEndOfItsPath) {
  const SiteRanges here = find(point(5));
  EXPECT_EQ(find({"/other/machine/src/site.cpp", 5, 0}).line, here.line);
  EXPECT_TRUE(find({"/other/machine/lib/site.cpp", 5, 0}).line.empty());
  EXPECT_EQ(find({(folder_.path() / "x/../src/./site.cpp").string(), 5, 0}).line, here.line);
}

TEST_P(SiteMap, KeepsColumnsOfOneLineApart) {
  const std::string line = "__attribute__((noinline)) int two(int n) { hits = n; other = n; return n; }";
  const auto columnOf = [&](const std::string& text) { return static_cast<std::uint32_t>(line.find(text) + 1); };
  SiteRanges first, second;
  // Compilers put the store at the name or at the `=`.
  for (std::uint32_t shift : {0u, 5u}) {
    const SiteRanges atName = find(point(11, columnOf("hits") + shift));
    if (first.column.empty()) first = atName;
  }
  for (std::uint32_t shift : {0u, 6u}) {
    const SiteRanges atName = find(point(11, columnOf("other") + shift));
    if (second.column.empty()) second = atName;
  }
  ASSERT_FALSE(first.column.empty());
  ASSERT_FALSE(second.column.empty());
  EXPECT_NE(first.column, second.column);
  EXPECT_EQ(first.line, second.line);
  EXPECT_TRUE(find(point(11, 1000)).column.empty());
}

TEST_P(SiteMap, RangesAreSortedAndApart) {
  for (std::uint32_t line : {5u, 6u, 9u, 11u, 14u}) {
    const SiteRanges site = find(point(line));
    for (std::size_t i = 0; i < site.line.size(); ++i) {
      EXPECT_LT(site.line[i].begin, site.line[i].end);
      if (i) EXPECT_LT(site.line[i - 1].end, site.line[i].begin);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Compilers, SiteMap,
                         ::testing::Values(Build{DEADHEAT_CXX, "-O0"}, Build{DEADHEAT_CXX, "-O2"},
                                           Build{"g++", "-O0"}, Build{"g++", "-O2"},
                                           Build{DEADHEAT_CXX, "-O1 -fsanitize=thread"},
                                           Build{DEADHEAT_CXX, "-O1 -ffunction-sections -Wl,--gc-sections -no-pie"}));

TEST(SiteMapFile, RefusesWhatIsNoObjectFile) {
  TemporaryFolder folder;
  auto mapped = mapSites(folder.write("x.txt", "text"), {{"a.cpp", 1, 0}});
  EXPECT_TRUE(llvm::errorToBool(mapped.takeError()));
}

TEST(SiteMapFile, SharedLibrariesAreMappedLikePrograms) {
  TemporaryFolder folder;
  const std::string library =
      compileIn(folder, "lib.cpp", "int total;\nvoid add(int n) {\n  total += n;\n}\n", DEADHEAT_CXX, "-shared -fPIC -O1");
  ASSERT_FALSE(library.empty());
  auto mapped = mapSites(library, {{(folder.path() / "lib.cpp").string(), 3, 0}});
  ASSERT_TRUE(static_cast<bool>(mapped));
  EXPECT_FALSE(mapped->front().line.empty());
}

TEST(Binary, TellsWhatItWasBuiltWith) {
  TemporaryFolder folder;
  const std::string program = "int main() { return 0; }\n";
  auto plain = inspectBinary(compileIn(folder, "a.cpp", program, DEADHEAT_CXX, "-Wl,--build-id=sha1"));
  ASSERT_TRUE(static_cast<bool>(plain));
  EXPECT_TRUE(plain->isElf && plain->hasDebugInfo);
  EXPECT_FALSE(plain->hasRuntime || plain->hasSanitizer);
  EXPECT_EQ(plain->buildId.size(), 20u);
  auto bare = inspectBinary(compileIn(folder, "b.cpp", program, DEADHEAT_CXX, "-g0"));
  ASSERT_TRUE(static_cast<bool>(bare));
  EXPECT_NE(llvm::toString(checkDebugInfo("b", *bare)).find("build it with -g"), std::string::npos);
  auto script = inspectBinary(folder.write("run.sh", "#!/bin/sh\n"));
  ASSERT_TRUE(static_cast<bool>(script));
  EXPECT_FALSE(script->isElf);
  EXPECT_FALSE(llvm::errorToBool(checkInstrumented("run.sh", *script)));
}

}  // namespace
}  // namespace deadheat
