#include "base/quantity.hpp"

#include <gtest/gtest.h>

namespace cadence::base {
namespace {

using namespace std::chrono_literals;

TEST(Bytes, ParsesEverySuffix) {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"0", 0},      {"1", 1},     {"2Gi", 2147483648},    {"1k", 1000},   {"1.5Ki", 1536}, {"256Mi", 268435456},
      {"1e3", 1000}, {"1500m", 2}, {"1Ti", 1099511627776}, {"3M", 3000000}};
  for (const auto& [text, expected] : rows) {
    auto parsed = parse_bytes(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Bytes, RefusesNonsenseAndNamesIt) {
  for (const char* text : {"", "Gi", "2GB", "1 Gi", "--1"}) {
    auto parsed = parse_bytes(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::Invalid);
  }
  EXPECT_NE(parse_bytes("2GB").error().message.find("2GB"), std::string::npos);
}

TEST(MilliQuantity, RoundsUpLikeTheApiServer) {
  EXPECT_EQ(*parse_milli_quantity("250m"), 250);
  EXPECT_EQ(*parse_milli_quantity("2"), 2000);
  EXPECT_EQ(*parse_milli_quantity("0.1"), 100);
}

TEST(Duration, ParsesGoDurations) {
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
  EXPECT_EQ(*parse_duration("250ms"), 250ms);
  EXPECT_EQ(*parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(*parse_duration("336h"), 336h);
  for (const char* text : {"", "5", "5x", "s", "1s2"}) EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace cadence::base
