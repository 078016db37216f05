// 10,000 objects through informers into typed stores: how long, and how much memory stays. The streams are made on the
// fly from one object of each kind. Figures: 2 s in a release build on an idle machine (bounded loosely here: tests
// share the machine), and 40 MiB for the mixture that our clusters have: of a default cluster's 63 watched objects 19
// are pods or hold a pod's template.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <fstream>

#include "base/text.hpp"
#include "kube/cache/informer.hpp"
#include "kube/cache/store.hpp"
#include "kube/types/core.hpp"
#include "kube/types/pod.hpp"

namespace cadence::kube::cache {
namespace {

using namespace std::chrono_literals;

constexpr int kObjects = 10000;

// 2.7 kB, as a small real pod: managedFields, two conditions, one container, its status.
std::string pod(int number) {
  const auto n = std::to_string(number);
  json::Value managed = json::Value::array();
  managed.push_back({{"manager", "kubelet"},
                     {"operation", "Update"},
                     {"fieldsV1", {{"f:status", {{"f:conditions", std::string(600, 'x')}}}}}});
  managed.push_back({{"manager", "operator"},
                     {"operation", "Apply"},
                     {"fieldsV1", {{"f:spec", {{"f:containers", std::string(600, 'y')}}}}}});
  const json::Value object{
      {"kind", "Pod"},
      {"apiVersion", "v1"},
      {"metadata",
       {{"name", "demo-webhook-" + n},
        {"namespace", "ns"},
        {"uid", "0f8fad5b-d9cb-469f-a165-" + n},
        {"resourceVersion", n},
        {"creationTimestamp", "2026-01-01T00:00:00Z"},
        {"managedFields", managed},
        {"labels",
         {{"app.kubernetes.io/name", "cadence"},
          {"app.kubernetes.io/instance", "demo"},
          {"app.kubernetes.io/managed-by", "cadence-operator"}}},
        {"ownerReferences",
         {{{"apiVersion", "apps/v1"},
           {"kind", "ReplicaSet"},
           {"name", "demo-webhook-5d4f"},
           {"uid", "u"},
           {"controller", true}}}}}},
      {"spec",
       {{"nodeName", "node-1"},
        {"containers",
         {{{"name", "webhook"},
           {"image", "cadence-webhook:dev"},
           {"ports", {{{"containerPort", 8000}, {"name", "http"}}}},
           {"env", {{{"name", "POD_NAME"}, {"value", "x"}}}},
           {"resources", {{"requests", {{"cpu", "100m"}, {"memory", "64Mi"}}}}}}}}}},
      {"status",
       {{"phase", "Running"},
        {"podIP", "10.0.0.1"},
        {"startTime", "2026-01-01T00:00:00Z"},
        {"conditions",
         {{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", "2026-01-01T00:00:00Z"}},
          {{"type", "Initialized"}, {"status", "True"}, {"lastTransitionTime", "2026-01-01T00:00:00Z"}}}},
        {"containerStatuses",
         {{{"name", "webhook"}, {"ready", true}, {"restartCount", 0}, {"image", "cadence-webhook:dev"}}}}}}};
  return json::dump({{"type", "ADDED"}, {"object", object}}) + "\n";
}

// 0.9 kB, as a small real ConfigMap.
std::string config_map(int number) {
  const auto n = std::to_string(number);
  json::Value managed = json::Value::array();
  managed.push_back(
      {{"manager", "cadence-operator"}, {"operation", "Apply"}, {"fieldsV1", {{"f:data", std::string(200, 'x')}}}});
  const json::Value object{
      {"metadata",
       {{"name", "demo-webhook-" + n},
        {"namespace", "ns"},
        {"uid", "0f8fad5b-d9cb-469f-a165-" + n},
        {"resourceVersion", n},
        {"creationTimestamp", "2026-01-01T00:00:00Z"},
        {"managedFields", managed},
        {"labels", {{"app.kubernetes.io/name", "cadence"}, {"app.kubernetes.io/instance", "demo"}}}}},
      {"data", {{"cadence.yml", std::string(300, 'z')}}}};
  return json::dump({{"type", "ADDED"}, {"object", object}}) + "\n";
}

// The same text again and again, but for the number.
class Objects final : public net::ByteStream {
 public:
  Objects(std::string text, int count) : text_(std::move(text)), count_(count) {}
  int status() const override { return 200; }
  const std::vector<net::Header>& headers() const override { return headers_; }
  base::Result<std::size_t> read_some(std::span<char> into, std::chrono::milliseconds, std::stop_token stop) override {
    if (left_.empty() && next_ < count_) left_ = base::replace_all(text_, "4711", std::to_string(++next_));
    else if (left_.empty() && !has_ended_) {
      has_ended_ = true;
      left_ = R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"20000",)"
              R"("annotations":{"k8s.io/initial-events-end":"true"}}}})"
              "\n";
    }
    if (left_.empty()) base::wait_for(stop, 1h);
    const auto count = std::min(left_.size(), into.size());
    std::copy_n(left_.begin(), count, into.begin());
    left_.erase(0, count);
    return count;
  }

 private:
  std::string text_, left_;
  int count_, next_ = 0;
  bool has_ended_ = false;
  std::vector<net::Header> headers_;
};

struct Opener final : net::StreamOpener {
  Opener(std::string t, int c) : text(std::move(t)), count(c) {}
  base::Result<std::unique_ptr<net::ByteStream>> open(const net::Request&, std::chrono::milliseconds,
                                                      std::stop_token) override {
    return std::unique_ptr<net::ByteStream>(std::make_unique<Objects>(text, count));
  }
  std::string text;
  int count;
};

struct NoLists final : net::Transport {
  base::Result<net::Response> send(const net::Request&, std::chrono::milliseconds, std::stop_token) override {
    return net::json_response(500, "{}");
  }
};

double resident_mebibytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  long size = 0, resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * 4096 / (1 << 20);
}

// One kind's store and what fills it.
template <class T>
struct Kind {
  Kind(std::string text, int count)
      : opener(std::move(text), count), informer(T::kind_info(), {}, {config, opener, lists}, store) {}
  std::shared_ptr<client::ConfigSource> config =
      client::make_config_source({.host = "api", .is_tls = false, .exec = {}});
  client::Client lists{std::make_unique<NoLists>(), config, {}};
  Opener opener;
  Store<T> store;
  Informer informer;
};

template <class... T>
void fill(double most_mebibytes, Kind<T>&... kinds) {
  const double before = resident_mebibytes();
  const auto began = std::chrono::steady_clock::now();
  (kinds.informer.start(), ...);
  while (!(kinds.store.is_synced() && ...) && std::chrono::steady_clock::now() - began < 60s) base::wait_for({}, 5ms);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double grown = resident_mebibytes() - before;
  ASSERT_EQ((kinds.store.size() + ...), static_cast<std::size_t>(kObjects));
  std::string what;
  ((what += " " + std::to_string(kinds.store.size()) + " " + T::kind_info().plural + " of " +
            std::to_string(kinds.opener.text.size()) + " bytes"),
   ...);
  std::printf("%s: %.2f s, %.1f MiB, %.2f kB each\n", what.c_str() + 1, seconds, grown, grown * 1024 / kObjects);
  EXPECT_LE(seconds, 20);
  EXPECT_LE(grown, most_mebibytes);
}

TEST(CacheBench, TenThousandObjectsAsOurClustersHaveThem) {
  Kind<types::Pod> pods(pod(4711), kObjects * 3 / 10);
  Kind<types::ConfigMap> others(config_map(4711), kObjects * 7 / 10);
  fill(40, pods, others);
}

TEST(CacheBench, TenThousandConfigMaps) {
  Kind<types::ConfigMap> all(config_map(4711), kObjects);
  fill(40, all);
}

// Nobody has only pods; this says what one costs.
TEST(CacheBench, TenThousandPods) {
  Kind<types::Pod> all(pod(4711), kObjects);
  fill(60, all);
}

}  // namespace
}  // namespace cadence::kube::cache
