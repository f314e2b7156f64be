#include "tool/pipeline/configuration.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace deadheat {
namespace {

std::string errorOf(llvm::StringRef text) {
  auto configuration = Configuration::parse(text, ".deadheat.yaml");
  return configuration ? "no error" : llvm::toString(configuration.takeError());
}

TEST(Configuration, ModelsFunctionsInShort) {
  auto configuration = Configuration::parse("LockFunctions: [sys_lock, 'os::*::Enter']\n"
                                            "SpawnFunctions: [Pool::submit]\nThreadEntryPoints: [worker_*]\n", "c.yaml");
  ASSERT_TRUE(static_cast<bool>(configuration)) << llvm::toString(configuration.takeError());
  auto models = loadModels(*configuration, {});
  ASSERT_TRUE(static_cast<bool>(models)) << llvm::toString(models.takeError());
  ASSERT_NE(models->function("sys_lock"), nullptr);
  EXPECT_EQ(models->function("sys_lock")->effect, Effect::Acquire);
  ASSERT_NE(models->function("os::Mutex::Enter"), nullptr);
  EXPECT_EQ(models->function("os::Mutex::Leave"), nullptr);
  EXPECT_EQ(models->function("Pool::submit")->entry, FunctionModel::kCallable);
  EXPECT_NE(models->threadEntry("worker_main"), nullptr);
  EXPECT_EQ(models->threadEntry("main"), nullptr);
  ASSERT_EQ(models->userEntries().size(), 4u);
  EXPECT_EQ(entryKey(models->userEntries()[0]), "c.yaml:1:17");
}

TEST(Configuration, ChangesWhatTheCacheIsKeyedBy) {
  auto digestOf = [](llvm::StringRef text) {
    return llvm::cantFail(loadModels(llvm::cantFail(Configuration::parse(text, "c.yaml")), {})).digest();
  };
  EXPECT_NE(digestOf("LockFunctions: [a]\n"), digestOf("UnlockFunctions: [a]\n"));
  EXPECT_EQ(digestOf("LockFunctions: [a]\n"), digestOf("LockFunctions: [a]\n"));
}

TEST(Configuration, NamesThePlaceAndTheNearestWordOfAMistake) {
  EXPECT_EQ(errorOf("LockFunction: [a]\n"), ".deadheat.yaml:1:1: unknown key 'LockFunction' (did you mean 'LockFunctions'?)");
  EXPECT_EQ(errorOf("\nMinConfidence: hihg\n"), ".deadheat.yaml:2:16: unknown value 'hihg' (did you mean 'high'?)");
  EXPECT_NE(errorOf("Checks: ['dead-lok']\n").find(".deadheat.yaml:1:10: unknown check 'dead-lok', did you mean"),
            std::string::npos);
}

TEST(Configuration, IsFoundAboveTheCurrentFolder) {
  TemporaryFolder folder;
  folder.write(".deadheat.yaml", "MinConfidence: high\nModels: [mine.yaml]\nExcludePaths: ['generated/*']\n");
  auto configuration = Configuration::find({}, (folder.path() / "a" / "b").string());
  ASSERT_TRUE(static_cast<bool>(configuration)) << llvm::toString(configuration.takeError());
  EXPECT_EQ(configuration->minConfidence.text, "high");
  EXPECT_EQ(configuration->modelFiles(), std::vector<std::string>{(folder.path() / "mine.yaml").string()});
  auto excluded = llvm::cantFail(configuration->excluded());
  ASSERT_EQ(excluded.size(), 1u);
  EXPECT_TRUE(excluded[0].match((folder.path() / "generated" / "x.cpp").string()));
  EXPECT_FALSE(excluded[0].match((folder.path() / "src" / "x.cpp").string()));
}

TEST(Configuration, MayBeEmpty) {
  EXPECT_EQ(errorOf("# nothing yet\n"), "no error");
  EXPECT_EQ(errorOf(""), "no error");
}

}  // namespace
}  // namespace deadheat
