// From the caches and the probes to one Observation.
// Promises: look() reads only caches and waits for nothing; observe() also asks each running Redis pod and each PostgreSQL agent
// once, all at the same time and within a bound. Changes nothing.
#pragma once

#include <memory>
#include <stop_token>

#include "cadence/observe/agents.hpp"
#include "cadence/observe/caches.hpp"
#include "cadence/plan/observation.hpp"
#include "redis/connection.hpp"

namespace cadence::observe {

class Observer {
 public:
  explicit Observer(const Caches& caches, AgentTransport agents = agent_transport()) : caches_(caches), agents_(std::move(agents)) {}

  // Nothing when the cluster is not (or no longer) in the cache.
  std::optional<plan::Observation> look(const kube::core::ObjectKey& key) const;
  std::optional<plan::Observation> observe(const kube::core::ObjectKey& key, std::stop_token stop) const;

 private:
  const Caches& caches_;
  AgentTransport agents_;
};

// How to reach the Redis nodes of a cluster: address by pod, and the operator's password from its Secret.
std::optional<redis::Credentials> redis_credentials(const Caches& caches, const std::string& namespace_, const std::string& cluster);

}  // namespace cadence::observe
