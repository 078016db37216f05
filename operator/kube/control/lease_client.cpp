#include "kube/control/lease_client.hpp"

namespace cadence::kube::control {
namespace {

class ApiLeaseClient final : public LeaseClient {
 public:
  explicit ApiLeaseClient(client::Client& client) : client_(client) {}

  base::Result<types::Lease> get(const core::ObjectKey& key, std::stop_token stop) override {
    return client_.get<types::Lease>(key, stop);
  }
  base::Result<types::Lease> create(const types::Lease& lease, std::stop_token stop) override {
    return client_.create(lease, stop);
  }
  base::Result<types::Lease> replace(const types::Lease& lease, std::stop_token stop) override {
    return client_.replace(lease, stop);
  }

 private:
  client::Client& client_;
};

}  // namespace

std::unique_ptr<LeaseClient> make_lease_client(client::Client& client) {
  return std::make_unique<ApiLeaseClient>(client);
}

}  // namespace cadence::kube::control
