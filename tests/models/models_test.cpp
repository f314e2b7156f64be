#include "analyzers/models/models.h"

#include <fstream>

#include "gtest/gtest.h"

namespace deadheat {
namespace {

std::string errorOf(const std::string& text) {
  ModelSet set;
  llvm::Error error = set.add(text, "mine.yaml");
  return error ? llvm::toString(std::move(error)) : "no error";
}

TEST(Models, BuiltinOnesLoad) {
  auto set = ModelSet::load();
  ASSERT_TRUE(static_cast<bool>(set)) << llvm::toString(set.takeError());
  ASSERT_NE(set->type("std::mutex"), nullptr);
  EXPECT_EQ(set->type("std::mutex")->kind, TypeKind::Lock);
  EXPECT_EQ(set->type("std::recursive_mutex")->recursion, Recursion::Yes);
  ASSERT_NE(set->function("pthread_create"), nullptr);
  EXPECT_EQ(set->function("pthread_create")->entry, 2);
  EXPECT_EQ(set->function("std::mutex::lock")->object, FunctionModel::kThis);
  EXPECT_EQ(set->type("no::such_type"), nullptr);
}

TEST(Models, UsersFilesAddAndReplace) {
  const std::string path = ::testing::TempDir() + "/user_models.yaml";
  std::ofstream(path) << "types:\n  - names: [my::Lock, std::mutex]\n    kind: lock\n    recursive: 'yes'\n"
                         "functions:\n  - {names: [my_lock], effect: acquire, object: 1, mode: shared}\n";
  auto set = ModelSet::load({path});
  ASSERT_TRUE(static_cast<bool>(set)) << llvm::toString(set.takeError());
  EXPECT_EQ(set->type("std::mutex")->recursion, Recursion::Yes);
  EXPECT_EQ(set->function("my_lock")->object, 1);
  EXPECT_EQ(set->function("my_lock")->mode, LockMode::Shared);
}

TEST(Models, ErrorsNameFileAndLine) {
  EXPECT_EQ(errorOf("types:\n  - names: [a]\n    kind: padlock\n").substr(0, 12), "mine.yaml:3:");
  EXPECT_NE(errorOf("functions:\n  - names: [a]\n").find("missing required key 'effect'"), std::string::npos);
  EXPECT_NE(errorOf("functions:\n  - {names: [a], effect: acquire, object: first}\n").find("argument position"),
            std::string::npos);
  EXPECT_NE(errorOf("other: 1\n").find("unknown key 'other'"), std::string::npos);
}

TEST(Models, AnAbsentFileIsNamed) {
  auto set = ModelSet::load({"/nonexistent/models.yaml"});
  ASSERT_FALSE(static_cast<bool>(set));
  EXPECT_EQ(llvm::toString(set.takeError()), "cannot read model file '/nonexistent/models.yaml'");
}

}  // namespace
}  // namespace deadheat
