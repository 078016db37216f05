// From the caches and the probes to one Observation. What is worth a look beyond them it is told by others (Wishes).
// Promises: look() reads only caches and waits for nothing; observe() also asks each running Redis pod, PostgreSQL
// agent and webhook server once, all at the same time and within a bound, and the API server for what was wished
// for: Secrets of the user's, objects that the caches lack, warnings about what does not get on. Changes nothing.
#pragma once

#include <memory>
#include <stop_token>

#include "cadence/facts/wishes.hpp"
#include "cadence/observe/caches.hpp"
#include "cadence/observe/keepsakes.hpp"
#include "cadence/observe/pair_verdicts.hpp"
#include "cadence/observe/servers.hpp"
#include "redis/connection.hpp"
#include "redis/executor.hpp"

namespace cadence::observe {

// One Secret, live: the caches hold only those that carry our label.
using SecretReader = std::function<base::Result<kube::types::Secret>(const kube::core::ObjectKey&, std::stop_token)>;

// Any object, live, by its name.
using ObjectReader = std::function<base::Result<json::Value>(const kube::core::KindInfo&, const kube::core::ObjectKey&,
                                                             std::stop_token)>;

// The warnings that stand about one object (events.k8s.io/v1), live, as the API server lists them.
using EventReader = std::function<base::Result<std::vector<json::Value>>(
    const facts::ChildId&, const std::string& namespace_, std::stop_token)>;

// What is asked of the API server beside the caches; an empty one is never asked.
struct LiveReaders {
  SecretReader secrets = {};
  ObjectReader objects = {};
  EventReader events = {};
};

// What those who plan want to know beyond the caches; an empty one wishes for nothing.
struct Wishes {
  std::function<std::vector<facts::ExpectedObject>(const facts::Observation&)> objects = {};
  std::function<std::vector<std::string>(const api::CadenceCluster&)> secrets = {};  // of the user's, by name
  std::function<std::vector<facts::Unexplained>(const facts::Observation&, base::Wall)> warnings = {};
  std::function<std::vector<std::string>(const facts::Observation&)> keepsakes = {};  // Secrets of ours, seen whole
};

using Secrets = std::vector<std::shared_ptr<const kube::types::Secret>>;

// Ways to ask the servers in the pods: each answers for all of them within its own bound.
struct Probes {
  std::function<Reports(const Addresses&, std::stop_token)> agents;
  std::function<std::map<std::string, facts::StoreReport>(const Addresses&, std::uint16_t port, std::stop_token)>
      webhook_servers;
  std::function<std::map<std::string, redis::ProbeResult>(const std::vector<redis::Target>&, std::stop_token)> redis;
};
// Over the network.
Probes probes_over(ServerTransport servers);

class Observer {
 public:
  explicit Observer(const Caches& caches, Wishes wishes, ServerTransport servers = server_transport(),
                    LiveReaders live = {}, std::string own_namespace = {})
      : Observer(caches, std::move(wishes), probes_over(std::move(servers)), std::move(live),
                 std::move(own_namespace)) {}
  Observer(const Caches& caches, Wishes wishes, Probes probes, LiveReaders live, std::string own_namespace,
           const base::Clock& clock = base::system_clock())
      : caches_(caches),
        wishes_(std::move(wishes)),
        probes_(std::move(probes)),
        live_(std::move(live)),
        own_namespace_(std::move(own_namespace)),
        clock_(clock) {}

  // Nothing when the cluster is not (or no longer) in the cache.
  std::optional<facts::Observation> look(const kube::core::ObjectKey& key) const;
  std::optional<facts::Observation> observe(const kube::core::ObjectKey& key, std::stop_token stop) const;

  // The operator's passwords for the Redis nodes of a cluster: that of its Secret first, then earlier ones that servers
  // may still hold.
  [[nodiscard]] std::vector<redis::Credentials> redis_credentials(const kube::core::ObjectKey& cluster) const;
  // What a Secret of ours held when it was last seen whole.
  [[nodiscard]] std::optional<kube::types::Secret> remembered(const kube::core::ObjectKey& cluster,
                                                              const std::string& name) const;

 private:
  void remember(const facts::Observation& observation) const;
  void remember(const facts::Observation& observation, const Secrets& unlabelled) const;

  mutable Keepsakes keepsakes_;
  mutable PairVerdicts verdicts_;
  const Caches& caches_;
  Wishes wishes_;
  Probes probes_;
  LiveReaders live_;
  std::string own_namespace_;
  const base::Clock& clock_;
};

}  // namespace cadence::observe
