// The Lease on the API server, as a port: tests put their own behind it. Documents are JSON, so that nothing of others is lost.
// Promises: every call ends within the request time-out. An error of kind Transient means that the write may have happened.
#pragma once

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
  virtual base::Result<json::Value> replace(const json::Value& lease, std::stop_token stop) = 0;  // Conflict on an old resourceVersion
};

// In cluster, or by KUBECONFIG.
base::Result<std::unique_ptr<LeaseClient>> make_lease_client(const Options& options);

}  // namespace cadence::agent::postgres
