#include <gtest/gtest.h>

#include <random>

#include "kube/core/conditions.hpp"
#include "kube/core/resource_version.hpp"
#include "kube/core/status_error.hpp"

namespace cadence::kube::core {
namespace {

int sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

TEST(ResourceVersion, ComparesNumbersOfAnyLength) {
  EXPECT_EQ(sign(*compare_resource_versions("9", "10")), -1);
  EXPECT_EQ(sign(*compare_resource_versions("200", "199")), 1);
  EXPECT_EQ(sign(*compare_resource_versions("0", "0")), 0);
  EXPECT_EQ(sign(*compare_resource_versions("99999999999999999999999999", "100000000000000000000000000")), -1);
}

TEST(ResourceVersion, RefusesWhatIsNoVersion) {
  for (const auto* text : {"", "01", "-1", "1a", " 1", "1.0", "0x1"})
    EXPECT_FALSE(compare_resource_versions(text, "1")) << text;
  EXPECT_FALSE(compare_resource_versions("1", ""));
}

TEST(ResourceVersion, AgreesWithIntegers) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto a = random() >> (random() % 64), b = random() >> (random() % 64);
    const int expected = a < b ? -1 : a > b ? 1 : 0;
    EXPECT_EQ(sign(*compare_resource_versions(std::to_string(a), std::to_string(b))), expected) << a << " " << b;
  }
}

TEST(StatusError, KnowsExpiredInAllItsForms) {
  EXPECT_TRUE(is_expired(decode_status({{"code", 410}, {"reason", "Expired"}})));
  EXPECT_TRUE(is_expired(decode_status({{"code", 410}, {"reason", "Gone"}})));
  EXPECT_TRUE(is_expired(decode_status({{"reason", "Expired"}})));
  EXPECT_FALSE(is_expired(decode_status({{"code", 500}, {"reason", "InternalError"}})));
  EXPECT_FALSE(is_expired(decode_status("nonsense")));
}

TEST(StatusError, KnowsAVersionThatIsTooLarge) {
  const json::Value status{{"code", 504},
                           {"reason", "Timeout"},
                           {"message", "Too large resource version: 9, current: 8"},
                           {"details", {{"causes", {{{"reason", "ResourceVersionTooLarge"}}}}}}};
  EXPECT_TRUE(decode_status(status).is_too_large_version);
  EXPECT_EQ(decode_status(status).code, 504);
  EXPECT_FALSE(decode_status({{"code", 504}, {"reason", "Timeout"}}).is_too_large_version);
}

TEST(Conditions, TransitionTimeMovesOnlyWhenStatusFlips) {
  std::vector<Condition> conditions;
  const auto at = [](int second) { return base::Wall{} + std::chrono::seconds(second); };
  set_condition(conditions, {"Ready", "False", "Waiting", "a", "", 1}, at(1));
  EXPECT_EQ(conditions[0].last_transition_time, base::format_rfc3339(at(1)));
  set_condition(conditions, {"Ready", "False", "Other", "b", "", 2}, at(2));
  EXPECT_EQ(conditions[0].last_transition_time, base::format_rfc3339(at(1)));
  EXPECT_EQ(conditions[0].reason, "Other");
  EXPECT_EQ(conditions[0].observed_generation, 2);
  set_condition(conditions, {"Ready", "True", "Other", "b", "", 2}, at(3));
  EXPECT_EQ(conditions[0].last_transition_time, base::format_rfc3339(at(3)));
}

TEST(Conditions, KeepTheirOrder) {
  std::vector<Condition> conditions;
  for (const auto* type : {"Ready", "Degraded", "Ready"}) set_condition(conditions, {type, "True", "R", "", "", 0}, {});
  ASSERT_EQ(conditions.size(), 2u);
  EXPECT_EQ(conditions[1].type, "Degraded");
  EXPECT_EQ(find_condition(conditions, "Degraded"), &conditions[1]);
  EXPECT_EQ(find_condition(conditions, "Other"), nullptr);
}

}  // namespace
}  // namespace cadence::kube::core
