#include "tool/symbols/variable_types.h"

#include <gtest/gtest.h>

#include "llvm/Object/ObjectFile.h"
#include "tests/confirm/compiled.h"

namespace deadheat {
namespace {

constexpr char kProgram[] = R"(#include <mutex>
#include <string>
namespace app {
struct Base { long id; };
struct Inner { int low; int high; };
struct Stats : Base {
  int hits;
  static int shared;
  Inner ranges[4];
  std::string name;
};
int Stats::shared = 1;
Stats stats;
int plain;
}
int main() { app::stats.hits = 1; return app::plain + app::Stats::shared + static_cast<int>(app::stats.name.size()); }
)";

class PartOfVariable : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::system((std::string(GetParam()) + " --version >/dev/null 2>&1").c_str()) != 0)
      GTEST_SKIP() << GetParam() << " is not installed";
    binary_ = compileIn(folder_, "stats.cpp", kProgram, GetParam(), "-O0 -std=c++17");
    ASSERT_FALSE(binary_.empty());
  }
  VariableTypes::Part partAt(const std::string& symbol, std::uint64_t offset) {
    auto object = llvm::object::ObjectFile::createObjectFile(binary_);
    for (const auto& entry : object->getBinary()->symbols())
      if (llvm::cantFail(entry.getName()) == symbol)
        return types_.partAt(binary_, llvm::cantFail(entry.getAddress()), offset);
    ADD_FAILURE() << "no symbol " << symbol;
    return {};
  }
  TemporaryFolder folder_;
  VariableTypes types_;
  std::string binary_;
};

TEST_P(PartOfVariable, NamesMembersBasesAndElements) {
  EXPECT_EQ(partAt("_ZN3app5statsE", 0).text, ".id");
  EXPECT_EQ(partAt("_ZN3app5statsE", 8).text, ".hits");
  EXPECT_EQ(partAt("_ZN3app5statsE", 12).text, ".ranges[0].low");
  EXPECT_EQ(partAt("_ZN3app5statsE", 12 + 3 * 8 + 4).text, ".ranges[3].high");
}

TEST_P(PartOfVariable, StopsAtLibraryTypes) { EXPECT_EQ(partAt("_ZN3app5statsE", 56).text, ".name"); }

TEST_P(PartOfVariable, SaysNothingMoreOfAPlainVariable) {
  const auto part = partAt("_ZN3app5plainE", 0);
  EXPECT_TRUE(part.known);
  EXPECT_EQ(part.text, "");
}

TEST_P(PartOfVariable, IsUnknownOutsideEveryVariable) { EXPECT_FALSE(types_.partAt(binary_, 0x7f0000000000, 0).known); }

INSTANTIATE_TEST_SUITE_P(Compilers, PartOfVariable, ::testing::Values(DEADHEAT_CXX, "g++"));

}  // namespace
}  // namespace deadheat
