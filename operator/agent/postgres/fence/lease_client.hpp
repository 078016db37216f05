// The Lease on the API server, and the EndpointSlice that leads clients to the primary, as a port: tests put their own
// behind it. Documents are JSON, so that nothing of others is lost. Promises: every call but watch() ends within the
// request time-out. An error of kind Transient means that the write may have happened.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "agent/postgres/options.hpp"
#include "json/value.hpp"

namespace cadence::agent::postgres {

class LeaseClient {
 public:
  virtual ~LeaseClient() = default;
  virtual base::Result<json::Value> read(std::stop_token stop) = 0;  // NotFound when nobody made it yet
  virtual base::Result<json::Value> create(const json::Value& lease, std::stop_token stop) = 0;
  // Conflict on an old resourceVersion
  virtual base::Result<json::Value> replace(const json::Value& lease, std::stop_token stop) = 0;
  // Calls `seen` with the Lease now and after each change, until the stream ends or is quiet for long; the caller opens
  // it again.
  virtual base::Result<void> watch(const std::function<void(json::Value)>& seen, std::stop_token stop) = 0;
  // Leads clients to `address`.
  virtual base::Result<void> point_endpoints(const std::string& address, std::stop_token stop) = 0;
};

// In cluster, or by KUBECONFIG.
base::Result<std::unique_ptr<LeaseClient>> make_lease_client(const Options& options);

}  // namespace cadence::agent::postgres
