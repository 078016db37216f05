// The verbs of the simulated server, asked by the real client.
#include "simulated.hpp"

namespace cadence::kube::testing {
namespace {

using base::ErrorKind;

TEST_F(Simulated, GivesWhatItMakesAnIdentity) {
  const auto made = client.create(maps, config_map("a", {{"x", "1"}}));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(json::string_at(*made, {"kind"}), "ConfigMap");
  EXPECT_FALSE(json::string_at(*made, {"metadata", "uid"}).empty());
  EXPECT_EQ(json::string_at(*made, {"metadata", "creationTimestamp"}), base::format_rfc3339(clock.wall()));
  EXPECT_EQ(client.create(maps, config_map("a", {})).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(client.get(maps, {"n", "b"}).error().kind, ErrorKind::NotFound);
}

TEST_F(Simulated, RefusesAWriteOnAnOldVersion) {
  auto first = *client.create(maps, config_map("a", {{"x", "1"}}));
  auto second = first;
  second["data"]["x"] = "2";
  ASSERT_TRUE(client.replace(maps, {"n", "a"}, second));
  first["data"]["x"] = "3";
  EXPECT_EQ(client.replace(maps, {"n", "a"}, first).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(text(maps, "a", {"data", "x"}), "\"2\"");
}

TEST_F(Simulated, AWriteThatChangesNothingMakesNoVersion) {
  const auto made = *client.create(maps, config_map("a", {{"x", "1"}}));
  const auto same = *client.replace(maps, {"n", "a"}, made);
  EXPECT_EQ(made, same);
  const json::Value patch{{"data", {{"x", "1"}}}};
  EXPECT_EQ(*client.patch(maps, {"n", "a"}, patch, client::PatchType::Merge), made);
}

TEST_F(Simulated, KeepsStatusApart) {
  ASSERT_TRUE(client.create(
      kKiln,
      {{"metadata", {{"name", "k"}, {"namespace", "n"}}}, {"spec", {{"heat", 1}}}, {"status", {{"lit", true}}}}));
  EXPECT_EQ(text(kKiln, "k", {"status"}), "null");
  auto live = *server.find(kKiln, {"n", "k"});
  live["spec"]["heat"] = 2;
  live["status"]["lit"] = true;
  ASSERT_TRUE(client.replace_status(kKiln, {"n", "k"}, live));
  EXPECT_EQ(text(kKiln, "k", {"spec", "heat"}), "1");
  EXPECT_EQ(text(kKiln, "k", {"status", "lit"}), "true");
  EXPECT_EQ(text(kKiln, "k", {"metadata", "generation"}), "1");
  ASSERT_TRUE(client.patch(kKiln, {"n", "k"}, {{"spec", {{"heat", 2}}}}, client::PatchType::Merge));
  EXPECT_EQ(text(kKiln, "k", {"metadata", "generation"}), "2");
}

TEST_F(Simulated, AFinalizerHoldsADeletionBack) {
  auto object = config_map("a", {});
  object["metadata"]["finalizers"] = {"test/held"};
  ASSERT_TRUE(client.create(maps, object));
  ASSERT_TRUE(client.remove(maps, {"n", "a"}));
  EXPECT_NE(text(maps, "a", {"metadata", "deletionTimestamp"}), "null");
  const json::Value patch{{"metadata", {{"finalizers", nullptr}}}};
  ASSERT_TRUE(client.patch(maps, {"n", "a"}, patch, client::PatchType::Merge));
  EXPECT_EQ(server.find(maps, {"n", "a"}), nullptr);
}

TEST_F(Simulated, DeletesOnlyWhatWasMeant) {
  const auto made = *client.create(maps, config_map("a", {}));
  const auto version = json::string_at(made, {"metadata", "resourceVersion"});
  EXPECT_EQ(client.remove(maps, {"n", "a"}, {"another", ""}).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(client.remove(maps, {"n", "a"}, {"", "1"}).error().kind, ErrorKind::Conflict);
  EXPECT_TRUE(client.remove(maps, {"n", "a"}, {json::string_at(made, {"metadata", "uid"}), version}));
  EXPECT_EQ(client.remove(maps, {"n", "a"}).error().kind, ErrorKind::NotFound);
}

TEST_F(Simulated, APodThatRunsEndsInItsOwnTime) {
  const auto& pods = types::Pod::kind_info();
  ASSERT_TRUE(client.create(pods, {{"metadata", {{"name", "p"}, {"namespace", "n"}}}, {"spec", {{"nodeName", "a"}}}}));
  ASSERT_TRUE(client.remove(pods, {"n", "p"}));
  EXPECT_EQ(text(pods, "p", {"metadata", "deletionGracePeriodSeconds"}), "30");
  EXPECT_TRUE(server.erase(pods, {"n", "p"}));
}

TEST_F(Simulated, ListsByLabelsAndFields) {
  for (const char* name : {"a", "b", "c"}) {
    auto object = config_map(name, {});
    object["metadata"]["labels"] = {{"of", name}};
    ASSERT_TRUE(client.create(maps, object));
  }
  const auto names = [&](const client::ListOptions& options) {
    std::string out;
    const auto found = client.list(maps, options);
    for (const auto& item : found->at("items")) out += json::string_at(item, {"metadata", "name"});
    return out;
  };
  EXPECT_EQ(names({}), "abc");
  EXPECT_EQ(names({.namespace_ = "other"}), "");
  EXPECT_EQ(names({.label_selector = "of=b"}), "b");
  EXPECT_EQ(names({.label_selector = "of!=b"}), "ac");
  EXPECT_EQ(names({.field_selector = "metadata.name=c"}), "c");
}

TEST_F(Simulated, StartsAgainFromAPicture) {
  ASSERT_TRUE(client.create(maps, config_map("a", {})));
  const auto picture = server.snapshot();
  ASSERT_TRUE(client.create(maps, config_map("b", {})));
  server.restore(picture);
  EXPECT_EQ(server.list(maps).size(), 1u);
}

}  // namespace
}  // namespace cadence::kube::testing
