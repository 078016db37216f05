#include "base/text.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cadence::base {
namespace {

TEST(Base64, FollowsRfc4648Section10) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : rows) {
    EXPECT_EQ(to_base64(plain), encoded);
    EXPECT_EQ(from_base64(encoded), plain);
  }
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"Zg", "Z===", "Zg==Zg==", "Z g=", "Zm9*"}) EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Base64, RoundTripsRandomBytes) {
  for (std::size_t size = 0; size < 70; ++size) {
    const auto bytes = random_bytes(size);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
}

TEST(Hex, RefusesOddAndForeignCharacters) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_EQ(from_hex("AbcD"), "\xab\xcd");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(ParseInteger, TakesTheWholeTextOnly) {
  EXPECT_EQ(parse_integer("-12"), -12);
  for (const char* text : {"", "1x", " 1", "1.0", "99999999999999999999"}) EXPECT_FALSE(parse_integer(text)) << text;
}

TEST(RandomUuid, IsVersion4AndDiffers) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto id = random_uuid();
    EXPECT_EQ(id.size(), 36U);
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(RandomPassword, HasTheLengthAndOnlyLettersAndDigits) {
  const auto password = random_password(40);
  EXPECT_EQ(password.size(), 40U);
  for (const char c : password) EXPECT_TRUE(isalnum(static_cast<unsigned char>(c)));
}

TEST(ConstantTime, ComparesLikeEquality) {
  EXPECT_TRUE(equals_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equals_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equals_in_constant_time("abc", "ab"));
}

TEST(Text, CutsBetweenCharacters) {
  EXPECT_EQ(clipped("abc", 3), "abc");
  EXPECT_EQ(clipped("abcd", 3), "abc");
  EXPECT_EQ(clipped("ab\xc3\xa4", 3), "ab");
  EXPECT_EQ(clipped("\xf0\x9f\x8f\xba!", 3), "");
  EXPECT_EQ(clipped("\x80\x80\x80\x80\x80\x80\x80\x80", 6).size(), 2U)
      << "broken encodings too, give or take a character";
  EXPECT_EQ(clipped("abc", 0), "");
}

}  // namespace
}  // namespace cadence::base
