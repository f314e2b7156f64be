#include "tool/confirm/hunt.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "llvm/Support/JSON.h"
#include "tests/support/temporary_folder.h"

namespace deadheat {
namespace {

/// A stand-in for deadheat that passes `c++ ...` on to a compiler.
class HuntOfSources : public ::testing::Test {
 protected:
  void SetUp() override {
    wrapper_ = folder_.write("deadheat", "#!/bin/sh\nshift\nexec '" DEADHEAT_CXX
                                         "' \"$@\" 2>/dev/null\n");
    std::filesystem::permissions(wrapper_, std::filesystem::perms::owner_all);
  }
  std::string work() const { return (folder_.path() / "work").string(); }
  TemporaryFolder folder_;
  std::string wrapper_;
};

TEST_F(HuntOfSources, BuildsAProgramOfAllSourcesAndTheirCompileCommands) {
  const std::string a = folder_.write("a.cpp", "int other();\nint main() { return other() - VALUE; }\n");
  const std::string b = folder_.write("b.cpp", "int other() { return 3; }\n");
  auto built = buildProgram({{a, b}, {"-DVALUE=3"}, work()}, wrapper_);
  ASSERT_TRUE(static_cast<bool>(built)) << llvm::toString(built.takeError());
  EXPECT_EQ(std::system(built->binary.c_str()), 0);
  auto database = llvm::json::parse(readFile(built->buildDirectory + "/compile_commands.json"));
  ASSERT_TRUE(static_cast<bool>(database));
  ASSERT_EQ(database->getAsArray()->size(), 2u);
  const llvm::json::Object& entry = *(*database->getAsArray())[1].getAsObject();
  EXPECT_EQ(entry.getString("file"), b);
  EXPECT_EQ((*entry.getArray("arguments"))[0], "c++");
}

TEST_F(HuntOfSources, NamesTheSourceThatDoesNotCompile) {
  const std::string bad = folder_.write("bad.cpp", "int main( {\n");
  auto built = buildProgram({{bad}, {}, work()}, wrapper_);
  EXPECT_EQ(llvm::toString(built.takeError()), "cannot compile '" + bad + "'");
  EXPECT_EQ(llvm::toString(buildProgram({{"/no/such.cpp"}, {}, work()}, wrapper_).takeError()),
            "there is no source '/no/such.cpp'");
  EXPECT_EQ(llvm::toString(buildProgram({{}, {}, work()}, wrapper_).takeError()), "no source named to build");
}

}  // namespace
}  // namespace deadheat
