#include "json/fields.hpp"

#include <gtest/gtest.h>

namespace cadence::json {
namespace {

struct Part {
  std::string name;
  std::int32_t weight = 1;
  static Object json_fields() {
    return {.name = "Part",
            .fields = {field<&Part::name>("name").required(), field<&Part::weight>("weight", "How heavy.").range(1, 9)},
            .rules = {}};
  }
};

struct Whole {
  bool on = true;
  std::string colour = "red";
  std::optional<std::int64_t> limit;
  std::vector<Part> parts;
  std::map<std::string, Quantity> sizes;
  Part main;
  Value extra;
  static Object json_fields() {
    return {.name = "Whole",
            .fields = {field<&Whole::on>("on"), field<&Whole::colour>("colour").one_of({"red", "blue"}).length(1, 10),
                       field<&Whole::limit>("limit").at_least(0),
                       field<&Whole::parts>("parts").keyed_by({"name"}).items(0, 2), field<&Whole::sizes>("sizes"),
                       field<&Whole::main>("main").without_default(), field<&Whole::extra>("extra")},
            .rules = {{"self.on", "must be on", ""}}};
  }
};

TEST(Decode, FillsEveryShapeAndKeepsDefaults) {
  auto whole = decode<Whole>(*parse(
      R"({"parts":[{"name":"a","weight":3}],"sizes":{"cpu":2,"memory":"1Gi"},"limit":5,
    "extra":{"x":[1]},"unknown":1})"));
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->on);
  EXPECT_EQ(whole->colour, "red");
  EXPECT_EQ(whole->limit, 5);
  EXPECT_EQ(whole->parts.at(0).weight, 3);
  EXPECT_EQ(whole->sizes.at("cpu").text, "2");
  EXPECT_EQ(whole->extra["x"][0], 1);
}

TEST(Decode, NamesThePathOfEveryMistake) {
  auto whole = decode<Whole>(*parse(R"({"on":"yes","limit":1.5,"parts":[{"weight":2}],"main":[]})"), "spec");
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().message,
            "spec.on: must be true or false; spec.limit: must be a whole number; spec.parts[0].name: is required; "
            "spec.main: must be an object");
}

TEST(Decode, RefusesNumbersThatDoNotFit) {
  EXPECT_FALSE(decode<Part>(*parse(R"({"name":"a","weight":4294967296})")));
  EXPECT_FALSE(decode<Part>(*parse(R"({"name":"a","weight":18446744073709551615})")));
}

TEST(Encode, LeavesOutEmptyAndRoundTrips) {
  Whole whole;
  whole.parts.push_back({"a", 2});
  EXPECT_EQ(dump(encode(whole)), R"({"colour":"red","main":{"weight":1},"on":true,"parts":[{"name":"a","weight":2}]})");
  whole.limit = 0;
  EXPECT_EQ(encode(whole)["limit"], 0);
  EXPECT_EQ(dump(encode(decode_leniently<Whole>(encode(whole)))), dump(encode(whole)));
}

TEST(Validate, ChecksBoundsDeepInside) {
  Whole whole;
  whole.colour = "green";
  whole.limit = -1;
  whole.parts = {{"a", 0}, {"b", 10}, {"c", 1}};
  EXPECT_EQ(to_string(validate(whole, "spec")),
            "spec.colour: must be one of red, blue; spec.limit: must be greater than or equal to 0; spec.parts: must "
            "have at most 2 items; "
            "spec.parts[0].weight: must be greater than or equal to 1; spec.parts[1].weight: must be less than or "
            "equal to 9");
}

TEST(Schema, StatesTypesBoundsDefaultsAndRules) {
  const auto made = schema(type_of<Whole>());
  EXPECT_EQ(made["properties"]["colour"]["default"], "red");
  EXPECT_EQ(made["properties"]["colour"]["enum"].size(), 2U);
  EXPECT_EQ(made["properties"]["limit"]["nullable"], true);
  EXPECT_EQ(made["properties"]["parts"]["x-kubernetes-list-map-keys"][0], "name");
  EXPECT_EQ(made["properties"]["parts"]["items"]["required"][0], "name");
  EXPECT_EQ(made["properties"]["parts"]["items"]["properties"]["weight"]["description"], "How heavy. Default: 1.");
  EXPECT_EQ(made["properties"]["sizes"]["additionalProperties"]["x-kubernetes-int-or-string"], true);
  EXPECT_EQ(made["x-kubernetes-validations"][0]["message"], "must be on");
}

}  // namespace
}  // namespace cadence::json
