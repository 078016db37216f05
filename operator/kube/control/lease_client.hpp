// The three calls that leader election makes, apart from everything else so that tests can stand in for the API server.
// Promises: replace() is refused with Conflict when the Lease changed since it was read.
#pragma once

#include <memory>

#include "kube/client/client.hpp"
#include "kube/types/coordination.hpp"

namespace cadence::kube::control {

class LeaseClient {
 public:
  virtual ~LeaseClient() = default;
  virtual base::Result<types::Lease> get(const core::ObjectKey& key, std::stop_token stop) = 0;
  virtual base::Result<types::Lease> create(const types::Lease& lease, std::stop_token stop) = 0;
  virtual base::Result<types::Lease> replace(const types::Lease& lease, std::stop_token stop) = 0;
};

// `client` must have a time-out of its own well below the renew deadline, and no may_write: the Lease decides who may
// write.
std::unique_ptr<LeaseClient> make_lease_client(client::Client& client);

}  // namespace cadence::kube::control
