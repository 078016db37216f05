#include "ingest/plain_json.hpp"

#include <gtest/gtest.h>

#include <random>

#include "json/value.hpp"

namespace cadence::ingest {
namespace {

constexpr int kDeepest = 64;

// Both parsers' events as text; `wants` says which members' values are asked for.
class Recorder {
 public:
  explicit Recorder(bool wants_all = true) : wants_all_(wants_all) {}
  bool null() { return note("null"); }
  bool boolean(bool value) { return note(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return note("whole " + std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return note("whole " + std::to_string(value)); }
  bool whole_number(const std::string& digits) { return note("whole " + digits); }
  bool number_float(double, const std::string&) { return note("number"); }
  bool string(const std::string& text) { return note("text " + text); }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return note("{"); }
  bool key(const std::string& name) { return note("key " + name); }
  bool end_object() { return note("}"); }
  bool start_array(std::size_t) { return note("["); }
  bool end_array() { return note("]"); }
  bool parse_error(std::size_t, const std::string&, const json::Value::exception&) { return false; }
  [[nodiscard]] bool is_next_wanted() const { return wants_all_; }
  bool skipped() { return note("skipped"); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  bool note(const std::string& what) {
    text_ += what + "\n";
    return true;
  }
  bool wants_all_;
  std::string text_;
};

bool reads(std::string_view text) {
  Recorder recorder;
  return PlainJson(text, recorder, kDeepest).read();
}

// What is read here is read as the other parser reads it, and what is passed over is JSON too.
void expect_agreement(const std::string& text) {
  Recorder ours, theirs, passing(false);
  const bool is_json = json::Value::sax_parse(text.begin(), text.end(), &theirs);
  if (PlainJson(text, ours, kDeepest).read()) {
    ASSERT_TRUE(is_json) << text;
    ASSERT_EQ(ours.text(), theirs.text()) << text;
  }
  if (PlainJson(text, passing, kDeepest).read()) {
    ASSERT_TRUE(is_json) << text;
  }
}

const std::vector<std::string> kPlain = {
    "{}",
    " { } \r\n",
    R"({"ref":"refs/heads/trunk","after":"9c8b","deleted":false,"x":null,"n":[1,-20,0,3.25,-0.5,123456789012345678]})",
    R"({"a":{"b":{"c":[[],[{}],[[[true]]]]}},"text":"a\"b\\c\/d\b\f\n\r\t","empty":"","":1})",
    R"({"url":"https:\/\/git.example\/a?b\u0026c=\u003cd\u003e","e":"caf\u00e9","NUL":"\u0000","k":"\u20AC"})",
    "{\"wide\":\"caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x8f\xba \x7f\",\"caf\xc3\xa9\":[\"\xef\xbf\xbd\"]}",
    R"({"commits":[{"id":"5f","message":"glaze: step 1\n\nmore","author":{"name":"mira"},"added":["a","b"]}]})"};

TEST(PlainJson, ReadsWhatPayloadsAreMadeOf) {
  for (const auto& text : kPlain) {
    EXPECT_TRUE(reads(text)) << text;
    expect_agreement(text);
  }
}

TEST(PlainJson, GivesUpWhatItIsNotSureOf) {
  for (const std::string text : {"",
                                 "[]",
                                 "7",
                                 "{",
                                 "{]",
                                 "{} x",
                                 R"({"a":1,})",
                                 R"({"a" 1})",
                                 R"({,"a":1})",
                                 R"({"a":[1,]})",
                                 R"({"a":01})",
                                 R"({"a":-})",
                                 R"({"a":-0})",
                                 R"({"a":1.})",
                                 R"({"a":.5})",
                                 R"({"a":1e5})",
                                 R"({"a":1.5E5})",
                                 R"({"a":+1})",
                                 R"({"a":1.2.3})",
                                 R"({"a":1234567890123456789})",
                                 R"({"a":tru})",
                                 R"({"a":nulll})",
                                 R"({"a":"b)",
                                 R"({"a":"\x"})",
                                 R"({"a":"\u12g4"})",
                                 R"({"a":"\u12"})",
                                 R"({"a":"\ud83c\udffa"})",
                                 R"({"a":"\udc00"})",
                                 R"({a:1})",
                                 R"({'a':1})",
                                 R"({"a":1}})",
                                 "\xef\xbb\xbf{}"})
    EXPECT_FALSE(reads(text)) << text;
  EXPECT_FALSE(reads("{\"a\":\"line\nbreak\"}"));
  EXPECT_FALSE(reads(std::string("{\"a\":\"b\0c\"}", 11)));
  EXPECT_FALSE(reads(std::string("{}\0", 3)));
  for (const std::string wrong : {"\xff", "\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                  "\xf8\x88\x80\x80", "\xc3", "\xe6\xbc", "\xf0\x9f\x8f"})
    for (const auto& text : {"{\"a\":\"" + wrong + "\"}", "{\"a\":\"12345678" + wrong, "{\"" + wrong + "\":1}"}) {
      EXPECT_FALSE(reads(text)) << text;
      expect_agreement(text);
    }
}

TEST(PlainJson, GoesNoDeeperThanItIsTold) {
  const auto nested = [](int levels) {
    return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_TRUE(reads(nested(kDeepest)));
  EXPECT_FALSE(reads(nested(kDeepest + 1)));
  Recorder passing(false);
  EXPECT_FALSE(PlainJson(nested(kDeepest + 1), passing, kDeepest).read()) << "nor where nobody looks";
}

TEST(PlainJson, PassesOverWhatNobodyWants) {
  Recorder passing(false);
  EXPECT_TRUE(PlainJson(R"({"a":{"b":[1,"x",{"c":null}]},"d":"e"})", passing, kDeepest).read());
  EXPECT_EQ(passing.text(), "{\nkey a\nskipped\nkey d\nskipped\n}\n");
}

// Each text again with bytes changed, taken out and put in, at places drawn by a fixed seed.
TEST(PlainJson, AgreesWithTheOtherParserOnDamagedText) {
  std::mt19937 random(7);
  const auto draw = [&](std::size_t below) { return random() % below; };
  const std::string bytes = "{}[]\",:\\u0ed9.-+eE \n\t/tfn\x01\x7f\x80\xc3\xa9\xed\xf0\xff" + std::string(1, '\0');
  for (int round = 0; round < 20000; ++round) {
    auto text = kPlain[draw(kPlain.size())];
    for (auto changes = 1 + draw(3); changes > 0; --changes) {
      const auto place = draw(text.size() + 1);
      const auto what = draw(3);
      if (what == 0) text.insert(place, 1, bytes[draw(bytes.size())]);
      else if (place < text.size() && what == 1) text[place] = bytes[draw(bytes.size())];
      else if (place < text.size()) text.erase(place, 1 + draw(3));
    }
    expect_agreement(text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace cadence::ingest
