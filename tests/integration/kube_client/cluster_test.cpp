// The client against a real API server, over both transports: KUBECONFIG names it (hack/cluster kubeconfig).
#include <gmock/gmock.h>

#include <cstdlib>

#include "base/text.hpp"
#include "kube/client/client.hpp"
#include "kube/client/watch.hpp"

namespace cadence::kube::client {
namespace {

using base::ErrorKind;
using ::testing::HasSubstr;

const core::KindInfo kNamespace{"", "v1", "Namespace", "namespaces", false};
const core::KindInfo kConfigMap{"", "v1", "ConfigMap", "configmaps", true};
const core::KindInfo kPod{"", "v1", "Pod", "pods", true};
constexpr const char* kManager = "cadence-test";

class Cluster : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_NE(std::getenv("KUBECONFIG"), nullptr) << "set KUBECONFIG to the kubeconfig of a test cluster";
    net::set_up_cpprest();
    auto found = discover();
    ASSERT_TRUE(found) << found.error().message;
    config = *found;
    auto transport =
        GetParam() ? net::make_cpprest_transport(origin_of(config)) : net::make_beast_transport(origin_of(config));
    client = std::make_unique<Client>(std::move(transport), config, Client::Options{});
    const auto made =
        client->create(kNamespace, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", space}}}});
    ASSERT_TRUE(made) << made.error().message;
  }
  void TearDown() override {
    if (!client) return;
    const auto removed = client->remove(kNamespace, {"", space});
    EXPECT_TRUE(removed) << removed.error().message;
  }
  core::ObjectKey key(const std::string& name) const { return {space, name}; }
  base::Result<json::Value> apply(const std::string& name, const std::string& value,
                                  const char* manager = kManager) const {
    return client->apply(kConfigMap, key(name), {{"data", {{"a", value}}}}, manager);
  }

  std::string space = "cadence-client-" + base::to_hex(base::random_bytes(4));
  std::shared_ptr<ConfigSource> config;
  std::unique_ptr<Client> client;
};

TEST_P(Cluster, AppliesReadsAndLists) {
  const auto applied = apply("web", "1");
  ASSERT_TRUE(applied) << applied.error().message;
  const auto version = json::string_at(*applied, {"metadata", "resourceVersion"});
  // Without a change the version stays: zero writes at steady state.
  EXPECT_EQ(json::string_at(*apply("web", "1"), {"metadata", "resourceVersion"}), version);
  EXPECT_EQ(json::string_at(*client->get(kConfigMap, key("web")), {"data", "a"}), "1");
  ASSERT_TRUE(client->patch(kConfigMap, key("web"), {{"metadata", {{"labels", {{"x", "y"}}}}}}, PatchType::Merge));
  EXPECT_EQ((*client->list(kConfigMap, {.namespace_ = space, .label_selector = "x in (y),!z"}))["items"].size(), 1u);
  EXPECT_EQ((*client->list(kConfigMap, {.namespace_ = space, .label_selector = "x=other"}))["items"].size(), 0u);
}

TEST_P(Cluster, ForceTakesFieldsFromAnotherManager) {
  ASSERT_TRUE(apply("web", "1", "somebody"));
  EXPECT_EQ(json::string_at(*apply("web", "2"), {"data", "a"}), "2");
}

TEST_P(Cluster, ConflictsAndAbsenceAreToldApart) {
  EXPECT_EQ(client->get(kConfigMap, key("absent")).error().kind, ErrorKind::NotFound);
  EXPECT_THAT(client->get(kConfigMap, key("absent")).error().message,
              HasSubstr("Could not read ConfigMap " + space + "/absent: configmaps \"absent\" not found"));
  auto object = apply("web", "1");
  ASSERT_TRUE(object);
  ASSERT_TRUE(apply("web", "2"));
  EXPECT_EQ(client->replace(kConfigMap, key("web"), *object).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(client->create(kConfigMap, {{"metadata", {{"name", "web"}, {"namespace", space}}}}).error().kind,
            ErrorKind::Conflict);
  EXPECT_EQ(client->apply(kConfigMap, key("Bad_Name"), json::Value::object(), kManager).error().kind,
            ErrorKind::Invalid);
}

TEST_P(Cluster, DeletesOnlyWhatWasMeant) {
  const auto object = apply("web", "1");
  ASSERT_TRUE(object);
  const auto uid = json::string_at(*object, {"metadata", "uid"});
  EXPECT_EQ(client->remove(kConfigMap, key("web"), {.uid = "another"}).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(client->remove(kConfigMap, key("web"), {.uid = uid, .resource_version = "1"}).error().kind,
            ErrorKind::Conflict);
  const auto removed = client->remove(kConfigMap, key("web"), {.uid = uid});
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(client->remove(kConfigMap, key("web")).error().kind, ErrorKind::NotFound);
}

// Without its uid an apply makes a new one of the fields that are sent.
TEST_P(Cluster, AppliesOnlyToWhatWasMeant) {
  const auto object = apply("web", "1");
  ASSERT_TRUE(object);
  const auto to = [&](const std::string& uid) {
    return client->apply(kConfigMap, key("web"), {{"metadata", {{"uid", uid}}}, {"data", {{"b", "2"}}}}, kManager);
  };
  const auto uid = json::string_at(*object, {"metadata", "uid"});
  EXPECT_TRUE(to(uid));
  EXPECT_EQ(to("another").error().kind, ErrorKind::Conflict);
  ASSERT_TRUE(client->remove(kConfigMap, key("web")));
  EXPECT_EQ(to(uid).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(client->get(kConfigMap, key("web")).error().kind, ErrorKind::NotFound);
  // The way to say "only where there is none".
  const auto only_new = [&] {
    return client->apply(kConfigMap, key("web"), {{"metadata", {{"resourceVersion", "1"}}}}, kManager);
  };
  EXPECT_TRUE(only_new());
  EXPECT_EQ(only_new().error().kind, ErrorKind::Conflict);
}

TEST_P(Cluster, GuardsAJsonPatchWithATest) {
  ASSERT_TRUE(apply("web", "1"));
  const auto patch = [&](const char* expected) {
    return client->patch(kConfigMap, key("web"),
                         json::Value::array({{{"op", "test"}, {"path", "/data/a"}, {"value", expected}},
                                             {{"op", "replace"}, {"path", "/data/a"}, {"value", "3"}}}),
                         PatchType::Json);
  };
  EXPECT_EQ(patch("2").error().kind, ErrorKind::Invalid);
  EXPECT_TRUE(patch("1"));
}

TEST_P(Cluster, WatchesWithInitialEvents) {
  ASSERT_TRUE(apply("web", "1"));
  const auto opener = net::make_beast_stream_opener(origin_of(config));
  const auto stream = open_watch(*opener, *config, kConfigMap,
                                 {.namespace_ = space, .has_initial_events = true, .timeout = std::chrono::seconds(5)});
  ASSERT_TRUE(stream) << stream.error().message;
  ASSERT_EQ((*stream)->status(), 200);
  std::string seen;
  char piece[4096];
  while (seen.find("initial-events-end") == std::string::npos) {
    const auto count = (*stream)->read_some(piece, std::chrono::seconds(10), {});
    ASSERT_TRUE(count) << count.error().message;
    ASSERT_NE(*count, 0u) << seen;
    seen.append(piece, *count);
  }
  EXPECT_THAT(seen, HasSubstr("\"name\":\"web\""));
  // The server ends the watch at its time, properly.
  for (;;) {
    const auto count = (*stream)->read_some(piece, std::chrono::seconds(15), {});
    ASSERT_TRUE(count) << count.error().message;
    if (*count == 0) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Transports, Cluster, ::testing::Values(false, true),
                         [](const auto& run) { return run.param ? "cpprest" : "beast"; });

}  // namespace
}  // namespace cadence::kube::client
