#include "kube/control/predicates.hpp"

#include <gtest/gtest.h>

#include "kube/control/finalizers.hpp"

namespace cadence::kube::control {
namespace {

core::ObjectMeta at(std::int64_t generation) {
  core::ObjectMeta out;
  out.uid = "u";
  out.generation = generation;
  return out;
}

TEST(Predicates, TellTheSpecFromAllElse) {
  const auto first = at(1), second = at(2);
  auto other = at(1), going = at(1), none = at(1);
  other.labels["a"] = "b";
  other.annotations["a"] = "b";
  going.deletion_timestamp = "2026-01-01T00:00:00Z";
  none.generation.reset();
  EXPECT_FALSE(is_new_generation({&first, &first}));
  EXPECT_FALSE(is_new_generation({&first, &other}));
  EXPECT_TRUE(is_new_generation({&first, &second}));
  EXPECT_TRUE(is_new_generation({&first, &going}));
  EXPECT_TRUE(is_new_generation({nullptr, &first}));
  EXPECT_TRUE(is_new_generation({&first, nullptr}));
  EXPECT_TRUE(is_new_generation({&none, &none}));
  EXPECT_TRUE(has_other_labels({&first, &other}) && has_other_annotations({&first, &other}));
  EXPECT_FALSE(has_other_labels({&first, &second}) || has_other_annotations({&first, &second}));
  EXPECT_TRUE(is_made({nullptr, &first}) && !is_gone({nullptr, &first}));
  EXPECT_TRUE(is_gone({&first, nullptr}) && !is_made({&first, nullptr}));
}

TEST(Finalizers, AreAMatchOverFourCases) {
  auto object = at(1);
  EXPECT_EQ(finalizing_of(object, "f"), Finalizing::Add);
  object.finalizers = {"other", "f"};
  EXPECT_EQ(finalizing_of(object, "f"), Finalizing::Proceed);
  object.deletion_timestamp = "2026-01-01T00:00:00Z";
  EXPECT_EQ(finalizing_of(object, "f"), Finalizing::CleanUp);
  object.finalizers = {"other"};
  EXPECT_EQ(finalizing_of(object, "f"), Finalizing::Leave);
}

TEST(Finalizers, AreChangedOnlyOnTheObjectAndTheListThatWereSeen) {
  auto object = at(1);
  const std::string uid = R"({"op":"test","path":"/metadata/uid","value":"u"})";
  const auto expect = [&](const json::Value& patch, const std::string& rest) {
    EXPECT_EQ(patch, *json::parse("[" + uid + "," + rest + "]")) << json::dump(patch);
  };
  expect(patch_that_adds(object, "f"),
         R"({"op":"test","path":"/metadata/finalizers","value":null},
    {"op":"add","path":"/metadata/finalizers","value":["f"]})");
  EXPECT_TRUE(patch_that_removes(object, "f").empty());
  object.finalizers = {"other"};
  expect(patch_that_adds(object, "f"),
         R"({"op":"test","path":"/metadata/finalizers","value":["other"]},
    {"op":"add","path":"/metadata/finalizers/-","value":"f"})");
  object.finalizers = {"other", "f"};
  expect(
      patch_that_removes(object, "f"),
      R"({"op":"test","path":"/metadata/finalizers/1","value":"f"},{"op":"remove","path":"/metadata/finalizers/1"})");
}

}  // namespace
}  // namespace cadence::kube::control
