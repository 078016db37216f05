// The names and labels of a cluster's children, in one place. Pure; knows nothing of what the children hold.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "cadence/api/cluster.hpp"
#include "cadence/names/annotations.hpp"

namespace cadence::names {

inline constexpr const char* kInstanceLabel = "app.kubernetes.io/instance";
inline constexpr const char* kComponentLabel = "app.kubernetes.io/component";
inline constexpr const char* kManagedByLabel = "app.kubernetes.io/managed-by";
inline constexpr const char* kManagedBy = "cadence-operator";
// for people, Services and disruption budgets; no decision reads it
inline constexpr const char* kRoleLabel = "cadence.noslop.tech/role";
inline constexpr const char* kShardLabel = "cadence.noslop.tech/shard";  // redis pods: number of the shard
// postgres pods and volumes: number of the instance
inline constexpr const char* kInstanceNumberLabel = "cadence.noslop.tech/number";
// who fills in the rw Service's addresses
inline constexpr const char* kSliceWriter = "cadence-agent";
// On a volume, by people: keep it, and give its instance another.
inline constexpr const char* kSetAsideLabel = "cadence.noslop.tech/set-aside";
inline constexpr const char* kFormerSetAsideLabel = "cadence.noslop.tech/inquest";  // still understood

class Names {
 public:
  explicit Names(std::string cluster) : cluster_(std::move(cluster)) {}

  [[nodiscard]] std::string webhook() const { return cluster_ + "-webhook"; }
  [[nodiscard]] std::string webhook_github() const { return cluster_ + "-webhook-github"; }  // the generated Secret

  [[nodiscard]] std::string lb() const { return cluster_ + "-lb"; }
  [[nodiscard]] std::string lb_tls() const { return cluster_ + "-lb-tls"; }

  [[nodiscard]] std::string redis() const { return cluster_ + "-redis"; }
  [[nodiscard]] std::string redis_shard(int shard) const { return redis() + "-" + std::to_string(shard); }  // from 0
  [[nodiscard]] std::string redis_pod(int shard, int node) const {
    return redis_shard(shard) + "-" + std::to_string(node);
  }
  [[nodiscard]] std::string redis_auth() const { return cluster_ + "-redis-auth"; }

  // Lease, ConfigMap, headless Service, Role, …
  [[nodiscard]] std::string postgres() const { return cluster_ + "-postgres"; }
  // the primary's disruption budget
  [[nodiscard]] std::string postgres_primary() const { return postgres() + "-primary"; }
  // from 1
  [[nodiscard]] std::string postgres_instance(int number) const { return postgres() + "-" + std::to_string(number); }
  [[nodiscard]] std::string postgres_rw() const { return cluster_ + "-postgres-rw"; }
  [[nodiscard]] std::string postgres_ro() const { return cluster_ + "-postgres-ro"; }
  [[nodiscard]] std::string postgres_r() const { return cluster_ + "-postgres-r"; }
  [[nodiscard]] std::string postgres_superuser() const { return cluster_ + "-postgres-superuser"; }
  [[nodiscard]] std::string postgres_replication() const { return cluster_ + "-postgres-replication"; }
  [[nodiscard]] std::string postgres_app() const { return cluster_ + "-postgres-app"; }
  [[nodiscard]] std::string postgres_tls() const { return cluster_ + "-postgres-tls"; }

  [[nodiscard]] std::string webhook_api() const { return cluster_ + "-api"; }      // the Secret with the API's tokens
  [[nodiscard]] std::string webhook_links() const { return cluster_ + "-links"; }  // the keys that sign links
  [[nodiscard]] std::string ca() const { return cluster_ + "-ca"; }
  // the Secrets that stand in for another, up to their number, from 1
  [[nodiscard]] std::string copies_of(const std::string& secret) const { return cluster_ + "-copy-of-" + secret + "-"; }

 private:
  std::string cluster_;
};

// Name, instance, component: what never changes in a child's life.
std::map<std::string, std::string> selector_of(const std::string& cluster, const std::string& component);
// Those, part-of and managed-by; an empty component leaves that label out.
std::map<std::string, std::string> labels_of(const std::string& cluster, const std::string& component);
kube::core::OwnerReference owner_of(const api::CadenceCluster& cluster);

}  // namespace cadence::names
