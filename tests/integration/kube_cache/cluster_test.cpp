// Caches and leader election against a real API server: KUBECONFIG names it (hack/cluster kubeconfig).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>

#include "base/text.hpp"
#include "kube/cache/consistency.hpp"
#include "kube/cache/informer.hpp"
#include "kube/cache/store.hpp"
#include "kube/control/election.hpp"
#include "kube/control/events.hpp"
#include "kube/types/core.hpp"

namespace cadence::kube::cache {
namespace {

using namespace std::chrono_literals;
using types::ConfigMap;

const core::KindInfo kNamespace{"", "v1", "Namespace", "namespaces", false};

// Passes everything on, and can cut every stream that is open.
class Cuttable final : public net::StreamOpener {
 public:
  explicit Cuttable(std::unique_ptr<net::StreamOpener> inner) : inner_(std::move(inner)) {}
  base::Result<std::unique_ptr<net::ByteStream>> open(const net::Request& request, std::chrono::milliseconds deadline,
                                                      std::stop_token stop) override {
    ++opened;
    auto stream = inner_->open(request, deadline, stop);
    if (!stream) return stream.error();
    return std::unique_ptr<net::ByteStream>(std::make_unique<Stream>(std::move(*stream), cut));
  }
  std::atomic<int> opened{0};
  std::atomic<bool> cut{false};  // taken back by the stream that was cut

 private:
  class Stream final : public net::ByteStream {
   public:
    Stream(std::unique_ptr<net::ByteStream> inner, std::atomic<bool>& cut) : inner_(std::move(inner)), cut_(cut) {}
    int status() const override { return inner_->status(); }
    const std::vector<net::Header>& headers() const override { return inner_->headers(); }
    base::Result<std::size_t> read_some(std::span<char> into, std::chrono::milliseconds idle,
                                        std::stop_token stop) override {
      auto count = inner_->read_some(into, idle, stop);
      if (cut_.exchange(false)) return base::Error{base::ErrorKind::Transient, "cut by the test"};
      return count;
    }

   private:
    std::unique_ptr<net::ByteStream> inner_;
    std::atomic<bool>& cut_;
  };
  std::unique_ptr<net::StreamOpener> inner_;
};

class Cluster : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(std::getenv("KUBECONFIG"), nullptr) << "set KUBECONFIG to the kubeconfig of a test cluster";
    auto found = client::discover();
    ASSERT_TRUE(found) << found.error().message;
    config = *found;
    client = std::make_unique<client::Client>(net::make_beast_transport(client::origin_of(config)), config,
                                              client::Client::Options{});
    streams = std::make_unique<Cuttable>(net::make_beast_stream_opener(client::origin_of(config)));
    ASSERT_TRUE(
        client->create(kNamespace, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", space}}}}));
  }
  void TearDown() override {
    if (!client) return;
    EXPECT_TRUE(client->remove(kNamespace, {"", space}));
  }
  std::unique_ptr<Informer> watch(Store<ConfigMap>& store, const std::string& selector = "x=y") {
    auto informer = std::make_unique<Informer>(ConfigMap::kind_info(), Selection{space, selector, ""},
                                               Connections{config, *streams, *client}, store);
    informer->start();
    return informer;
  }
  std::string make(const std::string& name, const std::string& value = "1", const std::string& label = "y") {
    const auto made =
        client->apply(ConfigMap::kind_info(), {space, name},
                      {{"metadata", {{"labels", {{"x", label}}}}}, {"data", {{"a", value}}}}, "cadence-test");
    EXPECT_TRUE(made) << made.error().message;
    return made ? json::string_at(*made, {"metadata", "resourceVersion"}) : "";
  }
  static bool becomes(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!condition() && std::chrono::steady_clock::now() < end) base::wait_for({}, 10ms);
    return condition();
  }
  std::string space = "cadence-cache-" + base::to_hex(base::random_bytes(4));
  std::shared_ptr<client::ConfigSource> config;
  std::unique_ptr<client::Client> client;
  std::unique_ptr<Cuttable> streams;
};

TEST_F(Cluster, FollowsWhatIsMadeChangedRelabelledAndDeleted) {
  make("before");
  make("hidden", "1", "other");
  Store<ConfigMap> store;
  const auto informer = watch(store);
  ASSERT_TRUE(becomes([&] { return store.is_synced(); }));
  EXPECT_EQ(store.size(), 1u);
  make("after");
  make("before", "2");
  EXPECT_TRUE(becomes([&] {
    const auto found = store.get({space, "before"});
    return store.size() == 2 && found && found->data.at("a") == "2";
  }));
  make("after", "1", "other");  // it leaves what is selected
  ASSERT_TRUE(client->remove(ConfigMap::kind_info(), {space, "before"}));
  EXPECT_TRUE(becomes([&] { return store.size() == 0; }));
}

// As when the operator is there before its CRD.
TEST_F(Cluster, FillsFromAKindThatComesLater) {
  const auto word = base::to_hex(base::random_bytes(4));
  const core::KindInfo kiln{"cadence-test.example", "v1", "Kiln" + word, "kilns" + word, true};
  const core::KindInfo definitions{"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
                                   "customresourcedefinitions", false};
  const auto name = kiln.plural + "." + kiln.group;
  Store<ConfigMap> store;
  Informer informer(kiln, Selection{space, "", ""}, Connections{config, *streams, *client}, store);
  informer.start();
  ASSERT_TRUE(becomes([&] { return streams->opened > 0; }));
  EXPECT_FALSE(store.is_synced());
  const json::Value definition =
      *json::parse(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":")" +
                   name + R"("},"spec":{"group":"cadence-test.example","scope":"Namespaced","names":{"plural":")" +
                   kiln.plural + R"(","singular":"kiln)" + word + R"(","kind":")" + kiln.kind +
                   R"("},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":
    {"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}})");
  ASSERT_TRUE(client->create(definitions, definition));
  EXPECT_TRUE(becomes([&] { return store.is_synced(); }));
  EXPECT_TRUE(client->remove(definitions, {"", name}));
}

TEST_F(Cluster, GoesOnFromWhereAWatchWasCut) {
  Store<ConfigMap> store;
  const auto informer = watch(store);
  ASSERT_TRUE(becomes([&] { return store.is_synced(); }));
  const int opened = streams->opened;
  streams->cut = true;
  make("lost");  // the read that brings it is the one that breaks
  EXPECT_TRUE(becomes([&] { return store.size() == 1; }));
  EXPECT_EQ(streams->opened, opened + 1);  // resumed, not listed again and not in a storm
  EXPECT_FALSE(streams->cut);
}

TEST_F(Cluster, TheGateOpensWhenTheCacheHasSeenOurWrite) {
  Store<ConfigMap> store;
  ConsistencyGate gate;
  gate.add_cache("ConfigMap",
                 {[&](const std::string&) { return store.version(); }, [](const std::string&) { return false; }});
  const auto informer = watch(store);
  ASSERT_TRUE(becomes([&] { return store.is_synced(); }));
  for (int i = 0; i < 20; ++i) {
    gate.wrote("owner", "default", "ConfigMap", make("mine", std::to_string(i)));
    ASSERT_TRUE(becomes([&] { return gate.behind("owner").empty(); }));
    ASSERT_EQ(store.get({space, "mine"})->data.at("a"), std::to_string(i));
  }
}

TEST_F(Cluster, OneCandidateLeadsAndHandsOver) {
  control::Registry registry;
  const auto leases = control::make_lease_client(*client);
  control::Election first({.lease = {space, "operator"}, .identity = "first"}, *leases, registry, base::system_clock());
  control::Election second({.lease = {space, "operator"}, .identity = "second"}, *leases, registry,
                           base::system_clock());
  EXPECT_TRUE(first.try_once({}));
  EXPECT_FALSE(second.try_once({}));
  EXPECT_TRUE(first.try_once({}));
  first.release({});
  EXPECT_TRUE(second.try_once({}));
  EXPECT_FALSE(first.try_once({}));
}

TEST_F(Cluster, EventsAreTakenAndBecomeASeries) {
  make("subject");
  control::Registry registry;
  control::EventRecorder recorder({.controller = "cadence.test/operator", .instance = "me"},
                                  control::make_event_sender(*client), registry);
  const types::ObjectReference regarding{"v1", "ConfigMap", "subject", space, "", ""};
  recorder.start();
  for (int i = 0; i < 3; ++i) recorder.normal(regarding, "Test", "Tested", "It was tested");
  EXPECT_TRUE(becomes([&] {
    const auto events = client->list(types::Event::kind_info(), {.namespace_ = space});
    return events && events->at("items").size() == 1 &&
           json::at_path(events->at("items").at(0), {"series", "count"}) == 2;
  }));
}

}  // namespace
}  // namespace cadence::kube::cache
