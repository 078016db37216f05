#include "ingest/payload.hpp"

#include <gtest/gtest.h>

namespace cadence::ingest {
namespace {

const std::vector<Member> kWanted = {
    {"ref", MemberType::Text},
    {"deleted", MemberType::Bool},
    {"repository.id", MemberType::Integer},
    {"repository.name", MemberType::Text},
    {"commits[].id", MemberType::Text, false},
    {"commits[].added", MemberType::TextList, false},
};

base::Result<Members> read(std::string_view body, std::string_view type = "application/json") {
  return read_members(body, type, kWanted);
}

TEST(Payload, ReadsWantedMembersOnly) {
  const auto members =
      read(R"({"REF":"a","other":{"ref":"b","deep":[[{"ref":1}]]},"Repository":{"name":"kiln","id":7,"x":1.5}} )");
  ASSERT_TRUE(members) << members.error().message;
  EXPECT_EQ(*members, (Members{{"ref", "a"}, {"repository.name", "kiln"}, {"repository.id", "7"}}));
}

TEST(Payload, NullIsAbsentAndTheLastDuplicateWins) {
  EXPECT_TRUE(read(R"({"ref":null,"repository":null,"commits":null})")->empty());
  EXPECT_EQ(read(R"({"ref":"a","ref":"b"})")->at("ref"), "b");
  EXPECT_TRUE(read(R"({"ref":"a","ref":null})")->empty());
}

TEST(Payload, TheLastDuplicateIsTakenWhole) {
  EXPECT_EQ(*read(R"({"repository":{"id":7,"name":"a"},"Repository":{"name":"b"}})"),
            (Members{{"repository.name", "b"}}))
      << "no name of one with the id of another";
  EXPECT_TRUE(read(R"({"repository":{"name":"a"},"repository":null})")->empty());
}

TEST(Payload, KeepsMembersOfListsUnderTheirPlaces) {
  const std::vector<Member> wanted{{"push.changes[].new.name", MemberType::Text},
                                   {"push.changes[].closed", MemberType::Bool}};
  const auto kept = [&](std::string_view body) { return read_members(body, "", wanted); };
  EXPECT_EQ(
      *kept(R"({"push":{"changes":[{"new":{"name":"a"}},{"new":null,"closed":true},{},)"
            R"({"x":[1,2.5,null,{}],"new":{"name":"d"}}]}})"),
      (Members{
          {"push.changes[0].new.name", "a"}, {"push.changes[1].closed", "true"}, {"push.changes[3].new.name", "d"}}));
  EXPECT_EQ(
      *kept(R"({"push":{"changes":[{"new":{"name":"a"}},{"new":{"name":"b"}}],"changes":[{"new":{"name":"c"}}]}})"),
      (Members{{"push.changes[0].new.name", "c"}}))
      << "the last duplicate wins, whole";
  EXPECT_TRUE(kept(R"({"push":{"changes":[{"new":{"name":"a"}}]},"push":null})")->empty());
  EXPECT_EQ(kept(R"({"push":{"changes":[{"new":{"name":1}}]}})").error().message,
            "push.changes[].new.name must be a string");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += R"({"new":{"name":"x"}},)";
  EXPECT_EQ(kept(R"({"push":{"changes":[)" + many + "{}]}}")->size(), kMostListed);
}

TEST(Payload, NamesAreNoPaths) {
  EXPECT_TRUE(
      read(R"({"repository.name":"a","commits[].id":5,"commits[]":{"id":5},"repository.":{"name":5}})")->empty());
  EXPECT_TRUE(read("{\"" + std::string(500, 'r') + "\":{\"ref\":5},\"r\\u0000ef\":5}")->empty());
}

TEST(Payload, IsReadInTheEncodingThatItDeclares) {
  for (const char* charset : {"iso-8859-1", "\"Windows-1252\"", " latin1 "})
    EXPECT_EQ(read("{\"ref\":\"caf\xe9 \x80\"}", std::string("application/json; a=b; Charset=") + charset)->at("ref"),
              "caf\xc3\xa9 \xe2\x82\xac")
        << charset;
  EXPECT_EQ(read("{\"ref\":\"caf\xc3\xa9\"}", "application/json; charset=iso-8859-1")->at("ref"), "caf\xc3\xa9")
      << "what is UTF-8 is that, whatever is said";
  EXPECT_EQ(read("{\"ref\":\"\x8a\xbf\"}", "application/json; charset=shift_jis")->at("ref"), "\xe6\xbc\xa2");
  const auto wide = [](bool is_big) {
    std::string out = is_big ? "\xfe\xff" : "\xff\xfe";
    for (const char c : std::string_view(R"({"ref":"a"})")) out += is_big ? std::string{'\0', c} : std::string{c, '\0'};
    return out;
  };
  EXPECT_EQ(read(wide(true))->at("ref"), "a") << "its mark says so";
  EXPECT_EQ(read(wide(false), "application/json; charset=utf-16")->at("ref"), "a");
  EXPECT_EQ(read(wide(false).substr(2), "application/json; charset=utf-16")->at("ref"), "a");
  for (const char* charset : {"utf-8", "nonsense", "utf-7", "replacement", "iso-2022-kr", "", "\""})
    EXPECT_EQ(read("{\"ref\":\"caf\xe9\"}", std::string("application/json; charset=") + charset).error().message,
              "not UTF-8 at byte 13")
        << charset;
}

struct Wrong {
  std::string json, message;
};
class WrongPayload : public testing::TestWithParam<Wrong> {};

TEST_P(WrongPayload, NamesThePlace) {
  const auto members = read(GetParam().json);
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongPayload,
    testing::Values(
        Wrong{"{]", "not JSON at byte 2"}, Wrong{"", "the body is empty"}, Wrong{" \n", "the body is empty"},
        Wrong{"{} x", "not JSON at byte 4"}, Wrong{R"({"ref":"a)", "the JSON is cut off at byte 10"},
        Wrong{R"({"ref":)", "the JSON is cut off at byte 8"}, Wrong{"\"text\"", "the body must be an object"},
        Wrong{"[]", "the body must be an object"}, Wrong{"null", "the body must be an object"},
        Wrong{"7", "the body must be an object"}, Wrong{"1.5", "the body must be an object"},
        Wrong{R"({"ref":5})", "ref must be a string"}, Wrong{R"({"ref":{}})", "ref must be a string, not an object"},
        Wrong{R"({"ref":["a"]})", "ref must be a string, not a list"},
        Wrong{R"({"ref":1.5})", "ref must be a string, not a number"},
        Wrong{R"({"deleted":"yes"})", "deleted must be true or false"},
        Wrong{R"({"repository":"kiln"})", "repository must not be a single value"},
        Wrong{R"({"repository":[]})", "repository must not be a list"},
        Wrong{R"({"repository":{"id":"7"}})", "repository.id must be an integer"},
        Wrong{R"({"repository":{"id":7.5}})", "repository.id must be an integer, not a number"},
        Wrong{R"({"commits":{}})", "commits must not be an object"},
        Wrong{R"({"commits":["x"]})", "commits[] must not be a single value"},
        Wrong{R"({"commits":[{"id":1}]})", "commits[].id must be a string"},
        Wrong{R"({"commits":[{"added":"x"}]})", "commits[].added must be a list of strings"},
        Wrong{R"({"commits":[{"added":[1]}]})", "commits[].added[] must be a string"},
        Wrong{R"({"ref":")" + std::string(5000, 'x') + "\"}", "ref is longer than 4096 bytes"},
        Wrong{R"({"ref":"a\u0000b"})", "ref must not hold U+0000"},
        Wrong{R"({"ref":"\ud800"})", "half of a surrogate pair at byte 15"},
        Wrong{"{\"x\xff\":1}", "not UTF-8 at byte 4"}, Wrong{R"({"x":1e999})", "a number is too large at byte 10"},
        Wrong{R"({"x":)" + std::string(5000, '9') + "}", "a number is too large at byte 5005"},
        Wrong{R"({"repository":{"id":99999999999999999999}})", "repository.id must be an integer, not a number"},
        Wrong{R"({"commits":[{"added":[1.5]}]})", "commits[].added[] must be a string"},
        Wrong{R"({"commits":[{"added":[{}]}]})", "commits[].added[] must be a string"},
        Wrong{R"({"x":)" + std::string(100, '[') + std::string(100, ']') + "}", "nested deeper than 64 levels"}));

}  // namespace
}  // namespace cadence::ingest
