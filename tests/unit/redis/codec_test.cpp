#include "redis/codec.hpp"

#include <gtest/gtest.h>

namespace cadence::redis {
namespace {

using Kind = Reply::Kind;

constexpr std::size_t kBound = 1000;

std::vector<Reply> decode(const std::string& bytes, std::size_t step) {
  Decoder decoder(kBound);
  std::vector<Reply> out;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    EXPECT_TRUE(decoder.feed(bytes.substr(i, step)));
    for (auto reply = decoder.next(); reply && *reply; reply = decoder.next()) out.push_back(**reply);
  }
  return out;
}

TEST(Codec, EncodesBytesNotWords) {
  EXPECT_EQ(encode({"SET", "a key", "x\r\ny"}), "*3\r\n$3\r\nSET\r\n$5\r\na key\r\n$4\r\nx\r\ny\r\n");
  EXPECT_EQ(encode({"GET", std::string("\0b", 2)}), std::string("*2\r\n$3\r\nGET\r\n$2\r\n\0b\r\n", 21));
}

TEST(Codec, DecodesEveryKindHoweverTheBytesArrive) {
  const std::string bytes = "+OK\r\n-ERR no\r\n:42\r\n$3\r\nabc\r\n$-1\r\n*2\r\n$1\r\nx\r\n*1\r\n:7\r\n";
  for (const std::size_t step : {1U, 3U, 1000U}) {
    const auto replies = decode(bytes, step);
    ASSERT_EQ(replies.size(), 6U) << step;
    EXPECT_EQ(replies[0].text, "OK");
    EXPECT_TRUE(replies[1].is_error());
    EXPECT_EQ(replies[2].integer, 42);
    EXPECT_EQ(replies[3].text, "abc");
    EXPECT_EQ(replies[4].kind, Kind::Nil);
    ASSERT_EQ(replies[5].items.size(), 2U);
    EXPECT_EQ(replies[5].items[1].items.at(0).integer, 7);
  }
}

TEST(Codec, RefusesWhatIsNoProtocol) {
  Decoder decoder(kBound);
  ASSERT_TRUE(decoder.feed("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_FALSE(decoder.next());
}

TEST(Codec, EndsAReplyAboveTheBound) {
  Decoder decoder(kBound);
  ASSERT_TRUE(decoder.feed("$5000\r\n" + std::string(900, 'x')));
  ASSERT_TRUE(decoder.next());
  EXPECT_FALSE(decoder.feed(std::string(200, 'x')));
}

TEST(Codec, SaysByKindWhetherToTryAgain) {
  const auto kind_of = [](const char* text) { return to_error(Reply{Kind::Error, text, 0, {}}).kind; };
  EXPECT_EQ(kind_of("LOADING Redis is loading the dataset in memory"), base::ErrorKind::Transient);
  EXPECT_EQ(kind_of("NOAUTH Authentication required."), base::ErrorKind::Forbidden);
  EXPECT_EQ(kind_of("WRONGPASS invalid username-password pair or user is disabled."), base::ErrorKind::Forbidden);
  EXPECT_EQ(kind_of("ERR Slot 5 is already busy"), base::ErrorKind::Invalid);
}

}  // namespace
}  // namespace cadence::redis
