#include "agent/postgres/fence/lease_client.hpp"

#include <array>

#include "kube/client/client.hpp"
#include "kube/client/watch.hpp"
#include "kube/core/watch_event.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr const char* kProgram = "cadence-agent";
// Somebody renews the Lease every few seconds; a stream that is quiet for so long is opened again.
constexpr std::chrono::seconds kQuiet{15};
constexpr std::chrono::seconds kOpenDeadline{3};

const kube::core::KindInfo& lease_kind() {
  static const kube::core::KindInfo kind{"coordination.k8s.io", "v1", "Lease", "leases", true};
  return kind;
}
const kube::core::KindInfo& slice_kind() {
  static const kube::core::KindInfo kind{"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true};
  return kind;
}

class KubeLeaseClient final : public LeaseClient {
 public:
  KubeLeaseClient(std::shared_ptr<kube::client::ConfigSource> config, const Options& options)
      : options_(options),
        key_{options.namespace_, options.lease},
        config_(config),
        streams_(net::make_beast_stream_opener(kube::client::origin_of(config))),
        client_(net::make_beast_transport(kube::client::origin_of(config)), config,
                {.user_agent = kube::client::user_agent(kProgram),
                 .may_write = {},
                 .timeout = options.timing.request_timeout,
                 .max_attempts = 1,
                 .observe = {}}) {}

  base::Result<json::Value> read(std::stop_token stop) override { return client_.get(lease_kind(), key_, stop); }
  base::Result<json::Value> create(const json::Value& lease, std::stop_token stop) override {
    return client_.create(lease_kind(), lease, stop);
  }
  base::Result<json::Value> replace(const json::Value& lease, std::stop_token stop) override {
    return client_.replace(lease_kind(), key_, lease, stop);
  }

  base::Result<void> watch(const std::function<void(json::Value)>& seen, std::stop_token stop) override {
    kube::client::WatchOptions options;
    options.namespace_ = key_.namespace_;
    options.field_selector = "metadata.name=" + key_.name;
    auto stream = kube::client::open_watch(*streams_, *config_, lease_kind(), options, kOpenDeadline, stop,
                                           kube::client::user_agent(kProgram));
    if (!stream) return stream.error();
    if ((*stream)->status() != 200)
      return Error{ErrorKind::Transient, "Could not watch the Lease: HTTP " + std::to_string((*stream)->status())};
    kube::core::LineSplitter lines;
    std::array<char, 2048> buffer{};
    while (true) {
      const auto count = (*stream)->read_some(buffer, kQuiet, stop);
      if (!count) return count.error();
      if (*count == 0) return {};
      if (auto fed = lines.feed({buffer.data(), *count}); !fed) return fed.error();
      while (const auto line = lines.next()) {
        auto event = kube::core::parse_watch_event(*line);
        if (!event) return event.error();
        using kube::core::EventType;
        if (event->type == EventType::Error)
          return Error{ErrorKind::Transient, "the watch of the Lease ended with an error"};
        if (event->type == EventType::Added || event->type == EventType::Modified) seen(std::move(event->object));
      }
    }
  }

  base::Result<void> point_endpoints(const std::string& address, std::stop_token stop) override {
    const json::Value pod{
        {"kind", "Pod"}, {"namespace", key_.namespace_}, {"name", options_.instance}, {"uid", options_.pod_uid}};
    const json::Value document{
        {"apiVersion", slice_kind().api_version()},
        {"kind", slice_kind().kind},
        {"metadata", {{"namespace", key_.namespace_}, {"name", options_.endpoints}}},
        {"endpoints", {{{"addresses", {address}}, {"conditions", {{"ready", true}}}, {"targetRef", pod}}}}};
    const auto written = client_.patch(slice_kind(), {key_.namespace_, options_.endpoints}, document,
                                       kube::client::PatchType::Merge, {}, stop);
    if (!written) return written.error();
    return {};
  }

 private:
  const Options& options_;
  kube::core::ObjectKey key_;
  std::shared_ptr<kube::client::ConfigSource> config_;
  std::unique_ptr<net::StreamOpener> streams_;
  kube::client::Client client_;
};

}  // namespace

base::Result<std::unique_ptr<LeaseClient>> make_lease_client(const Options& options) {
  const auto config = kube::client::discover();
  if (!config) return config.error();
  return std::unique_ptr<LeaseClient>(std::make_unique<KubeLeaseClient>(*config, options));
}

}  // namespace cadence::agent::postgres
