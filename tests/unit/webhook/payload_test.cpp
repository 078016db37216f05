#include "ingest/payload.hpp"

#include <gtest/gtest.h>

namespace cadence::ingest {
namespace {

const std::vector<Member> kWanted = {
    {"ref", MemberType::Text},           {"deleted", MemberType::Bool},        {"repository.id", MemberType::Integer},
    {"repository.name", MemberType::Text}, {"commits[].id", MemberType::Text}, {"commits[].added", MemberType::TextList},
};

TEST(Payload, ReadsWantedMembersOnly) {
  const auto members = read_members(R"({"REF":"a","other":{"ref":"b","deep":[[{"ref":1}]]},"Repository":{"name":"kiln","id":7,"x":1.5}} )", kWanted);
  ASSERT_TRUE(members) << members.error().message;
  EXPECT_EQ(*members, (Members{{"ref", "a"}, {"repository.name", "kiln"}, {"repository.id", "7"}}));
}

TEST(Payload, NullIsAbsentAndTheLastDuplicateWins) {
  EXPECT_TRUE(read_members(R"({"ref":null,"repository":null,"commits":null})", kWanted)->empty());
  EXPECT_EQ(read_members(R"({"ref":"a","ref":"b"})", kWanted)->at("ref"), "b");
  EXPECT_TRUE(read_members(R"({"ref":"a","ref":null})", kWanted)->empty());
}

TEST(Payload, TextHoldsNoNul) {
  EXPECT_EQ(read_members(R"({"ref":"a\u0000b"})", kWanted)->at("ref"), "a\xef\xbf\xbd" "b");
}

struct Wrong {
  std::string json, message;
};
class WrongPayload : public testing::TestWithParam<Wrong> {};

TEST_P(WrongPayload, NamesThePlace) {
  const auto members = read_members(GetParam().json, kWanted);
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongPayload,
    testing::Values(Wrong{"{]", "not JSON at byte 2"}, Wrong{"", "not JSON at byte 1"}, Wrong{"{} x", "not JSON at byte 4"},
                    Wrong{R"({"ref":"a)", "not JSON at byte 10"}, Wrong{"\"text\"", "the body must be an object"},
                    Wrong{"[]", "the body must be an object"}, Wrong{"null", "the body must be an object"},
                    Wrong{"7", "the body must be an object"}, Wrong{"1.5", "the body must be an object"},
                    Wrong{R"({"ref":5})", "ref must be a string"}, Wrong{R"({"ref":{}})", "ref must be a string, not an object"},
                    Wrong{R"({"ref":["a"]})", "ref must be a string, not a list"}, Wrong{R"({"ref":1.5})", "ref must be a string, not a number"},
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
                    Wrong{R"({"x":)" + std::string(100, '[') + std::string(100, ']') + "}", "nested deeper than 64 levels"}));

}  // namespace
}  // namespace cadence::ingest
