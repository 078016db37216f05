#include "watchman.hpp"

#include "cadence/kinds/kinds.hpp"
#include "cadence/names/names.hpp"
#include "kube/types/apps.hpp"

namespace cadence::exploration {
namespace {

using kube::testing::Change;

bool is_going(const kube::testing::Document& object) {
  return object && !json::string_at(*object, {"metadata", "deletionTimestamp"}).empty();
}

bool is_removal(const Change& change) { return !change.now || (is_going(change.now) && !is_going(change.before)); }

bool is_ours(const kube::testing::Document& object) {
  return json::string_at(*object, {"metadata", "labels", names::kInstanceLabel}) == kCluster ||
         json::string_at(*object, {"kind"}) == api::CadenceCluster::kind_info().kind;
}

bool is_ready(const json::Value& pod) {
  for (const auto& condition : json::at_path(pod, {"status", "conditions"})) {
    if (json::string_at(condition, {"type"}) == "Ready") return json::string_at(condition, {"status"}) == "True";
  }
  return false;
}

}  // namespace

Watchman::Watchman(World& world) : world_(world) {
  world_.server.listen([this](const Change& change, const std::string& manager) {
    if (manager.starts_with("cadence-operator")) judge(change);
  });
}

void Watchman::judge(const Change& change) {
  const auto what = change.id.plural + " " + change.id.key.name;
  if (!is_ours(change.before ? change.before : change.now)) violations.push_back("wrote a stranger's " + what);
  for (const auto& [info, manner] : kinds::all()) {
    if (kube::core::full_name(*info) != change.id.plural) continue;
    if (is_removal(change) ? !manner.rights.remove : !change.before && !manner.rights.create)
      violations.push_back("may not have written " + what);
  }
  if (change.id.plural == "persistentvolumeclaims" && is_removal(change)) violations.push_back("deleted " + what);
  if (change.id.plural == "secrets") judge_secret(change);
  if (change.id.plural == "leases.coordination.k8s.io") judge_lease(change);
  if (change.id.plural == "pods") judge_pod(change);
}

void Watchman::judge_secret(const Change& change) {
  if (may_change_secrets || !change.before) return;
  const auto& before = json::at_path(*change.before, {"data"});
  const auto& now = change.now ? json::at_path(*change.now, {"data"}) : before;
  if (!change.now) violations.push_back("deleted secret " + change.id.key.name);
  for (const auto& [key, value] : before.items()) {
    if (!now.contains(key) || now.at(key) != value)
      violations.push_back("changed " + key + " of secret " + change.id.key.name);
  }
}

// The holder may be put out of office only when its server cannot run any more.
void Watchman::judge_lease(const Change& change) {
  if (!change.before) return;
  const auto holder = json::string_at(*change.before, {"spec", "holderIdentity"});
  if (holder.empty() || (change.now && json::string_at(*change.now, {"spec", "holderIdentity"}) == holder)) return;
  const auto pod = world_.server.find(kube::types::Pod::kind_info(), {kSpace, holder});
  const auto uid = json::string_at(*change.before, {"metadata", "annotations", postgres::kHolderUidAnnotation});
  if (pod && json::string_at(*pod, {"metadata", "uid"}) == uid && is_ready(*pod))
    violations.push_back("took the Lease from " + holder + ", which runs");
}

void Watchman::judge_pod(const Change& change) {
  const auto has_number = [](const json::Value& pod) {
    return !json::string_at(pod, {"metadata", "labels", names::kInstanceNumberLabel}).empty();
  };
  if (!change.before || !is_removal(change) || !has_number(*change.before) || !is_ready(*change.before)) return;
  const auto cluster = world_.server.find(api::CadenceCluster::kind_info(), {kSpace, kCluster});
  if (!cluster) return;
  const auto needed = json::decode_leniently<api::CadenceCluster>(*cluster).spec.postgres.synchronous.number;
  int standing = 0;
  for (const auto& pod : world_.server.list(kube::types::Pod::kind_info(), kSpace)) {
    const bool is_other = json::string_at(*pod, {"metadata", "name"}) != change.id.key.name;
    if (is_other && has_number(*pod) && is_ready(*pod) && !is_going(pod)) ++standing;
  }
  if (standing < needed)
    violations.push_back("took pod " + change.id.key.name + " with " + std::to_string(standing) + " others left");
}

void Watchman::look() {
  int primaries = 0;
  for (const auto& pod : world_.server.list(kube::types::Pod::kind_info(), kSpace)) {
    const auto found = world_.databases.state.servers.find(json::string_at(*pod, {"metadata", "uid"}));
    if (found != world_.databases.state.servers.end() && found->second.is_primary) ++primaries;
  }
  if (primaries > 1) violations.push_back("two primaries");
  violations.insert(violations.end(), world_.redis.violations.begin(), world_.redis.violations.end());
  world_.redis.violations.clear();
}

}  // namespace cadence::exploration
