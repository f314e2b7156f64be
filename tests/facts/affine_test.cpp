#include "analyzers/facts/affine.h"

#include <gtest/gtest.h>

namespace deadheat {
namespace {

std::string again(const char* text) {
  const auto parsed = Affine::parse(text);
  return parsed ? parsed->text() : "not a sum";
}

TEST(Affine, TextIsCanonical) {
  EXPECT_EQ(again("3"), "3");
  EXPECT_EQ(again("-1"), "-1");
  EXPECT_EQ(again("j+i+1"), "i+j+1");
  EXPECT_EQ(again("2*i+i"), "3*i");
  EXPECT_EQ(again("n*i"), "i*n");
  EXPECT_EQ(again("i+-1*i"), "0");
}

TEST(Affine, RefusesWhatIsNoSum) {
  for (const char* text : {"", "+i", "i+", "i*", "*i", "i*j*k*l", "99999999999999999999"})
    EXPECT_EQ(again(text), "not a sum") << text;
}

TEST(Affine, SumsAndProductsMultiplyOut) {
  const Affine a = *Affine::parse("i+2"), b = *Affine::parse("n+-1");
  EXPECT_EQ(a.plus(b)->text(), "i+n+1");
  EXPECT_EQ(a.minus(a)->text(), "0");
  EXPECT_EQ(a.times(b)->text(), "-1*i+i*n+2*n+-2");
}

TEST(Affine, VariablesAreReplacedInProductsToo) {
  const auto out = Affine::parse("i*n+i")->replaced([](std::string_view name) -> std::optional<Affine> {
    if (name == "i") return Affine::parse("k+1");
    return std::nullopt;
  });
  EXPECT_EQ(out->text(), "k+k*n+n+1");
}

TEST(Affine, NumbersThatWouldNotBeExactGiveNothing) {
  const Affine large = Affine::number(Affine::kMaxFactor);
  EXPECT_FALSE(large.plus(large));
  EXPECT_FALSE(large.times(large));
}

}  // namespace
}  // namespace deadheat
