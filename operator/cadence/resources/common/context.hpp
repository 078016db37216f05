// What every builder is given: the cluster as its user wants it, and the few inputs that are not in the spec.
// Builders are pure: equal contexts give equal objects. They know no clock, no randomness and no API server.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cadence/names/names.hpp"

namespace cadence::resources {

// The operator's own release; spec.images overrides each.
struct Images {
  std::string webhook = "cadence-webhook:dev";
  std::string postgres = "cadence-postgres:dev";
  std::string redis = "cadence-redis:dev";
  std::string haproxy = "cadence-haproxy:dev";
};

struct Context {
  const api::CadenceCluster& cluster;
  Images images = {};
  // volume by instance number, where it is not named like the instance
  std::map<int, std::string> postgres_claims = {};
  // what pods mount in place of a Secret that kubelets follow no more, by that Secret
  std::map<std::string, std::string> stand_ins = {};
  // of the account that load balancers run as, where it is not the one that they began with (RFC 3339)
  std::string lb_account_made = {};
  // the Secrets, the user's too, that pods mount under their own names: UID by name
  std::map<std::string, std::string> mounted_uids = {};
  std::optional<int> held_webhook_replicas = {};  // although there is an autoscaler: it has not set the count yet
  int redis_shards = 0;                 // how many have pods, where that is not the spec's to say any more; 0: it is
  bool keeps_haproxy = false;           // although the spec asks for another load balancer: that one cannot be built
  std::string operator_namespace = {};  // where the operator's pods are; empty: it runs outside of the cluster

  [[nodiscard]] const std::string& name() const { return cluster.metadata.name; }
  [[nodiscard]] names::Names names() const { return names::Names(name()); }
  [[nodiscard]] const std::string& space() const { return cluster.metadata.namespace_; }
  [[nodiscard]] const api::CadenceClusterSpec& spec() const { return cluster.spec; }

  [[nodiscard]] bool has_haproxy() const { return spec().load_balancer.type == "HAProxy" || keeps_haproxy; }

  [[nodiscard]] std::string postgres_claim(int number) const {
    const auto found = postgres_claims.find(number);
    return found == postgres_claims.end() ? names().postgres_instance(number) : found->second;
  }

  // The Secret that pods mount for this one.
  [[nodiscard]] std::string mounted(const std::string& secret) const {
    const auto found = stand_ins.find(secret);
    return found == stand_ins.end() ? secret : found->second;
  }

  // The log's own volume, where there is one; it stays with the data it belongs to.
  [[nodiscard]] std::string postgres_wal_claim(int number) const { return postgres_claim(number) + "-wal"; }

  [[nodiscard]] std::string webhook_image() const { return pick(spec().images.webhook, images.webhook); }
  [[nodiscard]] std::string postgres_image() const { return pick(spec().images.postgres, images.postgres); }
  [[nodiscard]] std::string redis_image() const { return pick(spec().images.redis, images.redis); }
  [[nodiscard]] std::string haproxy_image() const { return pick(spec().images.haproxy, images.haproxy); }

 private:
  static std::string pick(const std::string& wanted, const std::string& release) {
    return wanted.empty() ? release : wanted;
  }
};

}  // namespace cadence::resources
