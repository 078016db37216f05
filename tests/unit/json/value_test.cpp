#include "json/value.hpp"

#include <gtest/gtest.h>

namespace cadence::json {
namespace {

TEST(Parse, NamesTheByteOfAMistake) {
  auto value = parse("{]");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().message, "Not valid JSON at byte 2");
}

TEST(Parse, RefusesTrailingBytesAndDeepNesting) {
  EXPECT_FALSE(parse("{} x"));
  EXPECT_FALSE(parse(std::string(200, '[') + std::string(200, ']')));
  EXPECT_TRUE(parse(std::string(90, '[') + std::string(90, ']')));
}

TEST(Dump, ReplacesInvalidUtf8) { EXPECT_EQ(dump(Value("a\xff")), "\"a\xEF\xBF\xBD\""); }

TEST(Yaml, KeepsTextThatLooksLikeSomethingElse) {
  const Value value{{"a", "true"}, {"b", true}, {"c", "012"}, {"d", ""}, {"e", "two\nlines\n"}, {"f", Value::array()}, {"g", 3}, {"h", "x: y"}, {"i", nullptr}};
  auto back = parse_yaml(dump_yaml(value));
  ASSERT_TRUE(back);
  EXPECT_EQ(dump(*back), dump(value)) << dump_yaml(value);
}

TEST(AtPath, AnswersNullForWhatIsMissing) {
  const auto value = *parse(R"({"a":{"b":"c"}})");
  EXPECT_EQ(string_at(value, {"a", "b"}), "c");
  EXPECT_TRUE(at_path(value, {"a", "x", "y"}).is_null());
}

}  // namespace
}  // namespace cadence::json
