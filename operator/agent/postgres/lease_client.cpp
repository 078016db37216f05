#include "agent/postgres/lease_client.hpp"

#include "kube/client/client.hpp"

namespace cadence::agent::postgres {
namespace {

class KubeLeaseClient final : public LeaseClient {
 public:
  KubeLeaseClient(std::shared_ptr<kube::client::ConfigSource> config, const Options& options)
      : key_{options.namespace_, options.lease},
        client_(net::make_beast_transport(kube::client::origin_of(config)), config,
                {.user_agent = kube::client::user_agent("cadence-agent"), .may_write = {}, .timeout = options.timing.request_timeout,
                 .max_attempts = 1, .observe = {}}) {}

  base::Result<json::Value> read(std::stop_token stop) override { return client_.get(kind(), key_, stop); }
  base::Result<json::Value> create(const json::Value& lease, std::stop_token stop) override { return client_.create(kind(), lease, stop); }
  base::Result<json::Value> replace(const json::Value& lease, std::stop_token stop) override {
    return client_.replace(kind(), key_, lease, stop);
  }

 private:
  static const kube::core::KindInfo& kind() {
    static const kube::core::KindInfo lease{"coordination.k8s.io", "v1", "Lease", "leases", true};
    return lease;
  }
  kube::core::ObjectKey key_;
  kube::client::Client client_;
};

}  // namespace

base::Result<std::unique_ptr<LeaseClient>> make_lease_client(const Options& options) {
  const auto config = kube::client::discover();
  if (!config) return config.error();
  return std::unique_ptr<LeaseClient>(std::make_unique<KubeLeaseClient>(*config, options));
}

}  // namespace cadence::agent::postgres
