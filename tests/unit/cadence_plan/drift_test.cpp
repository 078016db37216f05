#include "cadence/plan/common/drift.hpp"

#include <gtest/gtest.h>

namespace cadence::plan {
namespace {

json::Value deployment() {
  return *json::parse(R"({"metadata":{"name":"web","labels":{"a":"1"}},"spec":{"replicas":3,"args":["x","y"],
    "containers":[{"name":"one","image":"i:1","resources":{"requests":{"cpu":"500m","memory":"1Gi"}}},{"name":"two"}],
    "empty":{},"none":[]}})");
}

TEST(FirstDrift, IsEmptyForTheIntentItself) {
  EXPECT_EQ(first_drift(deployment(), with_fingerprint(deployment())), "");
}

TEST(FirstDrift, ForgivesWhatOthersAndTheServerAdd) {
  auto live = with_fingerprint(deployment());
  live["metadata"]["labels"]["team"] = "kiln";
  live["metadata"]["uid"] = "u";
  live["spec"]["containers"][0]["terminationMessagePath"] = "/dev/termination-log";
  live["spec"]["containers"].push_back({{"name", "injected"}});
  live["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "0.5";
  live["spec"].erase("empty");
  live["spec"].erase("none");
  EXPECT_EQ(first_drift(deployment(), live), "");
}

TEST(FirstDrift, NamesWhatIsOursAndChangedOrGone) {
  const std::pair<const char*, const char*> rows[] = {
      {"/spec/replicas", "spec.replicas"},
      {"/metadata/labels/a", "metadata.labels.a"},
      {"/spec/containers/0/image", "spec.containers[0]"},
      {"/spec/containers/0/resources/requests/cpu", "spec.containers[0]"},
      {"/spec/args/1", "spec.args"}};
  for (const auto& [pointer, expected] : rows) {
    auto changed = with_fingerprint(deployment());
    changed[json::Value::json_pointer(pointer)] = 7;
    EXPECT_EQ(first_drift(deployment(), changed), expected);
  }
  auto gone = with_fingerprint(deployment());
  gone["spec"].erase("replicas");
  EXPECT_EQ(first_drift(deployment(), gone), "spec.replicas");
  gone = with_fingerprint(deployment());
  gone["spec"]["args"].push_back("z");
  EXPECT_EQ(first_drift(deployment(), gone), "spec.args");
}

TEST(FirstDrift, SeesWhatOthersAddToWhatIsAllowed) {
  const json::Value rule{{"from", json::Value::array({{{"podSelector", {{"a", "b"}}}}})}};
  const json::Value more{
      {"from", json::Value::array({{{"podSelector", {{"a", "b"}}}}, {{"podSelector", json::Value::object()}}})}};
  const auto policy = [](const json::Value& rules) { return json::Value{{"spec", {{"ingress", rules}}}}; };
  const auto intent = policy(json::Value::array({rule}));
  const auto live = [&](const json::Value& rules) {
    auto out = with_fingerprint(intent);
    out["spec"]["ingress"] = rules;
    return out;
  };
  EXPECT_EQ(first_drift(intent, live(json::Value::array({rule}))), "");
  EXPECT_EQ(first_drift(intent, live(json::Value::array({rule, json::Value::object()}))), "spec.ingress")
      << "open to everybody";
  EXPECT_EQ(first_drift(intent, live(json::Value::array({more}))), "spec.ingress[0]") << "one peer more";
  for (const char* list : {"rules", "subjects"}) {
    const json::Value ours{{list, json::Value::array({{{"name", "a"}}})}};
    auto theirs = with_fingerprint(ours);
    theirs[list].push_back({{"name", "b"}});
    EXPECT_EQ(first_drift(ours, theirs), list);
  }
}

TEST(FirstDrift, SeesAFieldThatWeNoLongerSet) {
  const auto live = with_fingerprint(deployment());
  auto smaller = deployment();
  smaller["spec"].erase("replicas");
  EXPECT_EQ(first_drift(smaller, live), "intent");
}

}  // namespace
}  // namespace cadence::plan
