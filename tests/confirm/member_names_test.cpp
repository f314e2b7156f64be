#include "tool/symbols/member_names.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/confirm/compiled.h"

namespace deadheat {
namespace {

constexpr char kProgram[] = R"(#include <mutex>
namespace shop {
struct Cache {
  long hits;
  int size;
  std::mutex mu;
  void touch();
};
struct Pool {
  char pad[24];
  int size;
  void grow();
};
void Cache::touch() {
  ++hits;
  size = 1;  // not hits
}
void Pool::grow() {
  size = 2;
}
long read(Cache& cache, Pool& pool) { return cache.hits + pool.size; }
}
int main() { shop::Cache c{}; shop::Pool p{}; c.touch(); p.grow(); return static_cast<int>(shop::read(c, p)); }
)";

class Members : public ::testing::Test {
 protected:
  void SetUp() override {
    binary_ = compileIn(folder_, "shop.cpp", kProgram, DEADHEAT_CXX, "-O0");
    ASSERT_FALSE(binary_.empty());
  }
  MemoryUse at(std::uint32_t line, const std::string& function, std::uint32_t column = 0) const {
    return {{(folder_.path() / "shop.cpp").string(), line, column}, function};
  }
  std::string find(const std::vector<MemoryUse>& uses, std::uint64_t size = 4,
                   std::optional<BlockPart> part = std::nullopt) {
    return names_.find(binary_, uses, size, part);
  }
  TemporaryFolder folder_;
  MemberNames names_;
  std::string binary_;
};

TEST_F(Members, AreNamedByWhatBothLinesMention) {
  EXPECT_EQ(find({at(15, "shop::Cache::touch"), at(21, "shop::read")}, 8), "shop::Cache::hits");
}

TEST_F(Members, OfTheMethodsOwnClassComeFirst) {
  EXPECT_EQ(find({at(16, "shop::Cache::touch")}), "shop::Cache::size");
  EXPECT_EQ(find({at(19, "shop::Pool::grow")}), "shop::Pool::size");
}

TEST_F(Members, AreNotGuessedWhenSeveralFit) {
  EXPECT_EQ(find({at(16, "shop::Cache::touch"), at(19, "shop::Pool::grow")}), "");
  EXPECT_EQ(find({at(21, "shop::read")}), "");
}

TEST_F(Members, AreToldApartByTheirPlaceInTheBlock) {
  EXPECT_EQ(find({at(21, "shop::read")}, 4, BlockPart{24, 28}), "shop::Pool::size");
  EXPECT_EQ(find({at(21, "shop::read")}, 8, BlockPart{0, 56}), "shop::Cache::hits");
  EXPECT_EQ(find({at(21, "shop::read")}, 8, BlockPart{16, 72}), "shop::Cache::hits") << "behind the header of a shared allocation";
  EXPECT_EQ(find({at(21, "shop::read")}, 4, BlockPart{28 + 24, 56}), "shop::Pool::size") << "an array of two";
}

TEST_F(Members, AreTakenFromTheColumnIfItNamesOne) {
  EXPECT_EQ(find({at(21, "shop::read", 52)}, 8), "shop::Cache::hits");
  EXPECT_EQ(find({at(15, "shop::Cache::touch", 3)}, 8), "shop::Cache::hits") << "no name begins there";
  EXPECT_EQ(find({at(16, "shop::Cache::touch", 3)}), "shop::Cache::size");
}

TEST_F(Members, OfAClassMethodCallAreTheObjectsItIsCalledOn) {
  const std::string source = (folder_.path() / "calls.cpp").string();
  std::ofstream(source) << "void f() {\n  cache->mu .lock(hits);\n  lock(mu);\n}\n";
  EXPECT_EQ(namesAt({source, 2, 14}).calledOn, "mu");
  EXPECT_EQ(namesAt({source, 3, 3}).calledOn, "");
  EXPECT_EQ(names_.find(binary_, {{{source, 2, 14}, "f"}}, 0, std::nullopt), "shop::Cache::mu");
}

TEST_F(Members, AreNotTakenFromComments) {
  EXPECT_EQ(namesAt(at(16, "").point).all, (std::vector<std::string>{"size"}));
}

TEST_F(Members, SmallerThanTheAccessDoNotFit) { EXPECT_EQ(find({at(16, "shop::Cache::touch")}, 16), ""); }

}  // namespace
}  // namespace deadheat
