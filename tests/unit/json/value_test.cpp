#include "json/value.hpp"

#include <gtest/gtest.h>

namespace cadence::json {
namespace {

// One byte of each value at each place of a text, so that it meets every place of a word of eight.
TEST(AppendText, WritesWhatDumpWrites) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t size = 1; size <= 18; ++size) {
      for (std::size_t place = 0; place < size; ++place) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(byte);
        std::string out = "before";
        append_text(out, text);
        ASSERT_EQ(out, "before" + dump(Value(text))) << byte << " at " << place << " of " << size;
      }
    }
  }
}

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
  const Value value{{"a", "true"},         {"b", true}, {"c", "012"},  {"d", ""},     {"e", "two\nlines\n"},
                    {"f", Value::array()}, {"g", 3},    {"h", "x: y"}, {"i", nullptr}};
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
