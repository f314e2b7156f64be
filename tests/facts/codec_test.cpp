#include "analyzers/facts/codec.h"

#include <gtest/gtest.h>

#include "analyzers/facts/digest.h"
#include "analyzers/facts/event.h"

namespace deadheat {

struct Parcel {
  std::vector<std::string> texts;
  std::optional<std::uint32_t> number;
  std::variant<LockMode, std::string> either;
};
template <class A> void describe(A& a, std::string& x) { a(x); }
template <class A> void describe(A& a, LockMode& x) { a(x); }
template <class A> void describe(A& a, Parcel& x) { a(x.texts, x.number, x.either); }

namespace {

std::string packed(Parcel parcel) {
  Encoder encoder;
  encoder(parcel);
  return encoder.bytes();
}

TEST(Codec, CountsEnumerators) {
  EXPECT_EQ(enumeratorCount<LockMode>(), 2U);
  EXPECT_EQ(enumeratorCount<MemoryOrder>(), 7U);
}

TEST(Codec, RefusesAnEnumeratorThatDoesNotExist) {
  std::string bytes = packed({{}, std::nullopt, LockMode::Shared});
  ASSERT_EQ(bytes.back(), 1);
  for (char value : {0, 1, 2, 77}) {
    bytes.back() = value;
    Parcel parcel;
    Decoder decoder(bytes);
    decoder(parcel);
    EXPECT_EQ(decoder.ok(), value < 2) << int{value};
  }
}

TEST(Codec, WritesEveryTextOnce) {
  const std::string longText(1000, 'x');
  EXPECT_LT(packed({{longText, longText, longText}, 7, longText}).size(), 1100U);
}

TEST(Codec, RefusesLengthsThatTheRestCannotHold) {
  // One string of 2^60 bytes; a billion strings; a list of a billion elements.
  for (const std::string& bytes : {std::string("\x01\x80\x80\x80\x80\x80\x80\x80\x80\x10"),
                                   std::string("\x80\x94\xeb\xdc\x03"), std::string("\x00\x80\x94\xeb\xdc\x03", 6)}) {
    Parcel parcel;
    Decoder decoder(bytes);
    decoder(parcel);
    EXPECT_FALSE(decoder.ok());
  }
}

TEST(Digests, TellWhereOnePartEnds) {
  EXPECT_NE(DigestBuilder().add("ab").add("c").finish(), DigestBuilder().add("a").add("bc").finish());
  EXPECT_EQ(digestOf("abc").text().size(), 32U);
  EXPECT_EQ((Digest{0x1f, 0x2}.text()), "000000000000001f0000000000000002");
}

}  // namespace
}  // namespace deadheat
