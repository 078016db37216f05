// Server-side apply and the ownership of fields.
#include "simulated.hpp"

namespace cadence::kube::testing {
namespace {

class Apply : public Simulated {
 protected:
  net::Response send(const core::KindInfo& kind, const std::string& name, const json::Value& document,
                     const std::string& manager, bool is_forced = false) {
    auto whole = document;
    whole["apiVersion"] = kind.api_version();
    whole["kind"] = kind.kind;
    whole["metadata"]["name"] = name;
    return server.answer({"PATCH",
                          kind.path("n", name) + "?fieldManager=" + manager + (is_forced ? "&force=true" : ""),
                          {{"Content-Type", "application/apply-patch+yaml"}},
                          json::dump(whole)});
  }
};

TEST_F(Apply, MakesWhatIsMissingAndRepeatsWithoutAWrite) {
  EXPECT_EQ(send(maps, "a", {{"data", {{"x", "1"}}}}, "us").status, 201);
  const auto made = server.find(maps, {"n", "a"});
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(send(maps, "a", {{"data", {{"x", "1"}}}}, "us").status, 200);
  EXPECT_EQ(*server.find(maps, {"n", "a"}), *made);
}

TEST_F(Apply, TakesAwayWhatIsNoLongerAppliedAndNobodyElseOwns) {
  send(maps, "a", {{"data", {{"x", "1"}, {"y", "1"}, {"z", "1"}}}}, "us");
  send(maps, "a", {{"data", {{"y", "1"}}}}, "them");
  ASSERT_TRUE(client.patch(maps, {"n", "a"}, {{"data", {{"w", "1"}}}}, client::PatchType::Merge));
  EXPECT_EQ(send(maps, "a", {{"data", {{"z", "2"}}}}, "us").status, 200);
  EXPECT_EQ(text(maps, "a", {"data"}), R"({"w":"1","y":"1","z":"2"})");
}

TEST_F(Apply, SaysWhoseFieldItWouldTake) {
  send(maps, "a", {{"data", {{"x", "1"}}}}, "them");
  const auto refused = send(maps, "a", {{"data", {{"x", "2"}}}}, "us");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("conflict with \\\"them\\\": .data.x"), std::string::npos) << refused.body;
  EXPECT_EQ(text(maps, "a", {"data", "x"}), "\"1\"");
  EXPECT_EQ(send(maps, "a", {{"data", {{"x", "2"}}}}, "us", true).status, 200);
  // It was taken from them: giving it up no longer takes it away.
  EXPECT_EQ(send(maps, "a", {{"data", json::Value::object()}}, "them").status, 200);
  EXPECT_EQ(text(maps, "a", {"data", "x"}), "\"2\"");
}

TEST_F(Apply, SharingAValueIsNoConflict) {
  send(maps, "a", {{"data", {{"x", "1"}}}}, "them");
  EXPECT_EQ(send(maps, "a", {{"data", {{"x", "1"}}}}, "us").status, 200);
  EXPECT_EQ(send(maps, "a", {{"data", json::Value::object()}}, "them").status, 200);
  EXPECT_EQ(text(maps, "a", {"data", "x"}), "\"1\"");
}

TEST_F(Apply, MergesContainersByName) {
  const auto& kind = types::Deployment::kind_info();
  const auto with = [](const json::Value& containers) {
    return json::Value{{"spec", {{"template", {{"spec", {{"containers", containers}}}}}}}};
  };
  send(kind, "d", with({{{"name", "a"}, {"image", "1"}}, {{"name", "b"}, {"image", "1"}}}), "us");
  send(kind, "d", with({{{"name", "a"}, {"tty", true}}}), "them");
  send(kind, "d", with({{{"name", "b"}, {"image", "2"}}}), "us");
  EXPECT_EQ(text(kind, "d", {"spec", "template", "spec", "containers"}),
            R"([{"name":"a","tty":true},{"image":"2","name":"b"}])");
}

TEST_F(Apply, IsHeldToTheObjectThatWasMeant) {
  EXPECT_EQ(send(maps, "a", {{"metadata", {{"uid", "u"}}}}, "us").status, 409);
  EXPECT_EQ(send(maps, "a", {{"metadata", {{"resourceVersion", "1"}}}}, "us").status, 201);
  EXPECT_EQ(send(maps, "a", {{"metadata", {{"resourceVersion", "1"}}}, {"data", {{"x", "1"}}}}, "us").status, 409);
  EXPECT_EQ(send(maps, "a", {{"metadata", {{"uid", "u"}}}}, "us").status, 422);
}

TEST_F(Apply, OfTheStatusLeavesTheRest) {
  send(kKiln, "k", {{"spec", {{"heat", 1}}}}, "us");
  const auto answer =
      client.apply_status(kKiln, {"n", "k"}, {{"spec", {{"heat", 2}}}, {"status", {{"lit", true}}}}, "us");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(text(kKiln, "k", {"spec", "heat"}), "1");
  EXPECT_EQ(text(kKiln, "k", {"status", "lit"}), "true");
  send(kKiln, "k", {{"spec", {{"heat", 1}}}}, "us");
  EXPECT_EQ(text(kKiln, "k", {"status", "lit"}), "true");
}

TEST_F(Apply, AnotherWriteTakesWhatItChanges) {
  send(maps, "a", {{"data", {{"x", "1"}, {"y", "1"}}}}, "us");
  ASSERT_TRUE(client.patch(maps, {"n", "a"}, {{"data", {{"x", "2"}}}}, client::PatchType::Merge));
  EXPECT_EQ(send(maps, "a", {{"data", {{"x", "3"}, {"y", "1"}}}}, "us").status, 409);
  // No longer ours, so no longer ours to take away.
  EXPECT_EQ(send(maps, "a", {{"data", {{"y", "1"}}}}, "us").status, 200);
  EXPECT_EQ(text(maps, "a", {"data"}), R"({"x":"2","y":"1"})");
}

TEST(FieldSets, SurviveManagedFields) {
  const auto kinds = built_in_kinds();
  const auto& pods =
      *std::find_if(kinds.begin(), kinds.end(), [](const Kind& kind) { return kind.info.kind == "Pod"; });
  const auto object = *json::parse(R"({"metadata":{"finalizers":["a/b"]},"spec":{"containers":[
    {"name":"a","ports":[{"containerPort":1}],"args":["x"]}],"nodeSelector":{"a":"b"}}})");
  const auto set = fields_of(pods, object);
  EXPECT_EQ(from_fields_v1(to_fields_v1(set)), set);
  const std::vector<std::string> expected{
      R"(.metadata.finalizers[="a/b"])",
      R"(.spec.containers[name="a"])",
      R"(.spec.containers[name="a"].args)",
      R"(.spec.containers[name="a"].name)",
      R"(.spec.containers[name="a"].ports[containerPort=1,protocol="TCP"])",
      R"(.spec.containers[name="a"].ports[containerPort=1,protocol="TCP"].containerPort)",
      ".spec.nodeSelector"};
  EXPECT_EQ(to_paths(set), expected);
}

}  // namespace
}  // namespace cadence::kube::testing
