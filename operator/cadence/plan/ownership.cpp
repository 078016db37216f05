#include "cadence/plan/ownership.hpp"

#include <algorithm>
#include <set>

#include "cadence/facts/load_balancer.hpp"
#include "cadence/plan/absent_kinds.hpp"
#include "cadence/plan/common/children.hpp"
#include "cadence/plan/common/drift.hpp"
#include "cadence/plan/postgres/volumes.hpp"
#include "cadence/plan/redis/redis.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "cadence/plan/stand_ins.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "cadence/resources/redis/redis.hpp"
#include "kube/types/coordination.hpp"

namespace cadence::plan {
namespace {

using kube::core::ObjectMeta;
using resources::Labels;

constexpr std::chrono::seconds kLookAgain{30};  // nobody tells us when somebody else's object goes
constexpr std::chrono::seconds kAskAgain{2};

ObjectMeta metadata_of(const json::Value& document) {
  return json::decode_leniently<ObjectMeta>(json::at_path(document, {"metadata"}));
}

std::string label_of(const Labels& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

facts::ExpectedObject expected_lease(const resources::Context& context) {
  return {&kube::types::Lease::kind_info(), context.names().postgres(),
          names::labels_of(context.name(), resources::kPostgres), false};
}

void add_postgres(const facts::Observation& observation, const resources::Context& context,
                  std::vector<facts::ExpectedObject>& out) {
  const auto add_volume = [&](const kube::types::PersistentVolumeClaim& volume) {
    out.push_back(
        {&kube::types::PersistentVolumeClaim::kind_info(), volume.metadata.name, volume.metadata.labels, false});
  };
  out.push_back(expected_lease(context));
  for (int number = 1; number <= observation.cluster->spec.postgres.instances; ++number) {
    auto labels = names::labels_of(context.name(), resources::kPostgres);
    labels[names::kInstanceNumberLabel] = std::to_string(number);
    out.push_back({&kube::types::Pod::kind_info(), context.names().postgres_instance(number), labels, true});
    add_volume(resources::build_postgres_volume(context, number));
    if (!context.spec().postgres.storage.wal_size.empty())
      add_volume(resources::build_postgres_wal_volume(context, number));
  }
}

// A StatefulSet takes any claim of the right name, and lets go of a pod without its labels, whose name it can then give
// to no other.
void add_redis(const resources::Context& context, std::vector<facts::ExpectedObject>& out) {
  for (int shard = 0; shard < resources::redis_shard_count(context); ++shard) {
    auto labels = names::labels_of(context.name(), resources::kRedis);
    labels[names::kShardLabel] = std::to_string(shard);
    for (int node = 0; node <= context.spec().redis.replicas_per_shard; ++node) {
      out.push_back({&kube::types::PersistentVolumeClaim::kind_info(), "data-" + context.names().redis_pod(shard, node),
                     labels, false});
      out.push_back({&kube::types::Pod::kind_info(), context.names().redis_pod(shard, node), labels, false});
    }
  }
}

// Ours beside the others'; without those of a cluster of this name that is no more.
json::Value owners_with_ours(const api::CadenceCluster& cluster, const ObjectMeta& live) {
  const auto ours = names::owner_of(cluster);
  auto out = json::Value::array({json::encode(ours)});
  for (const auto& owner : live.owner_references) {
    if (owner.kind != ours.kind || owner.name != ours.name) out.push_back(json::encode(owner));
  }
  return out;
}

void reclaim(const api::CadenceCluster& cluster, const facts::ExpectedObject& expected, const ObjectMeta& live,
             Plan& plan) {
  const auto lost = facts::lost_labels(expected, live);
  const auto& owners = live.owner_references;
  const bool is_ownerless = expected.is_owned && std::none_of(owners.begin(), owners.end(), [&](const auto& owner) {
                              return owner.uid == cluster.metadata.uid;
                            });
  if ((lost.empty() && !is_ownerless) || !live.deletion_timestamp.empty()) return;
  const facts::ChildId object{expected.kind->kind, expected.name};
  json::Value metadata = json::Value::object();
  if (!lost.empty()) metadata["labels"] = lost;
  if (is_ownerless) metadata["ownerReferences"] = owners_with_ours(cluster, live);
  const auto why =
      lost.empty() ? "Restored the owner of " + object.to_string() + ": it would have outlived its cluster"
                   : "Restored the labels of " + object.to_string() + ": " + lost.begin()->first + " had been changed";
  plan.actions.push_back(
      {PatchObject{expected.kind, expected.name, live.uid, live.resource_version, {{"metadata", metadata}}}, object,
       "Restored", why});
  plan.actions.back().component = label_of(expected.labels, names::kComponentLabel);
}

std::string owner_of(const facts::LiveChild& live) {
  const auto metadata = metadata_of(live.document);
  if (!metadata.owner_references.empty())
    return " (it belongs to " + metadata.owner_references.front().kind + " " + metadata.owner_references.front().name +
           ")";
  const auto manager = label_of(metadata.labels, names::kManagedByLabel);
  return manager.empty() ? "" : " (it is managed by " + manager + ")";
}

void object_to(const facts::Observation& observation, const facts::ChildId& id, const facts::LiveChild& live,
               Plan& plan) {
  const auto& cluster = observation.cluster->metadata.name;
  plan.objections.push_back({kNameTaken, id.kind + " " + id.name + " is not this cluster's" + owner_of(live) +
                                             ", but has a name that the cluster needs, so it is left as it is: " +
                                             "remove it, or hand it over for good with labels " +
                                             names::kManagedByLabel + "=" + names::kManagedBy + " and " +
                                             names::kInstanceLabel + "=" + cluster + "."});
}

// What a write is about; nothing for those that name an object that was seen.
std::optional<facts::ChildId> written_by(const Step& step) {
  if (const auto* apply = std::get_if<ApplyObject>(&step))
    return facts::ChildId{apply->kind->kind, json::string_at(apply->document, {"metadata", "name"})};
  if (const auto* label = std::get_if<LabelObject>(&step))
    return facts::ChildId{label->kind->kind, json::string_at(label->document, {"metadata", "name"})};
  if (const auto* secret = std::get_if<MakeSecret>(&step)) return facts::ChildId{"Secret", secret->recipe.name};
  return std::nullopt;
}

std::string authority_of(const Step& step) {
  const auto* secret = std::get_if<MakeSecret>(&step);
  if (secret == nullptr) return {};
  if (const auto* certificate = std::get_if<SecretRecipe::Certificate>(&secret->recipe.content))
    return certificate->authority;
  const auto* application = std::get_if<SecretRecipe::Application>(&secret->recipe.content);
  return application == nullptr ? "" : application->authority;
}

// Empty: not seen.
std::string seen_uid(const facts::Observation& observation, const facts::ChildId& id) {
  if (const auto* child = observation.child(id.kind, id.name)) return child->uid();
  const auto pod = observation.pods.find(id.name);
  return id.kind == "Pod" && pod != observation.pods.end() ? pod->second->metadata.uid : "";
}

// Names that may not be written to, and what pods must not be started with.
class Taken {
 public:
  explicit Taken(const facts::Observation& observation) : observation_(observation) {
    for (const auto& expected : expected_objects(observation)) {
      const facts::ChildId id{expected.kind->kind, expected.name};
      if (!observation.unlabelled.contains(id) && !observation.unread.contains(id)) continue;
      names_.insert(id);
      if (uses().contains(id.kind)) components_.insert(label_of(expected.labels, names::kComponentLabel));
      if (id.kind != "PersistentVolumeClaim") continue;
      if (const auto number = label_of(expected.labels, names::kInstanceNumberLabel); !number.empty())
        numbers_.insert(number);
      if (const auto shard = label_of(expected.labels, names::kShardLabel); !shard.empty()) shards_.insert(shard);
    }
  }

  [[nodiscard]] bool forbids(const Step& step) const {
    const auto id = written_by(step);
    if (!id) return false;
    if (names_.contains(*id) || names_.contains({"Secret", authority_of(step)})) return true;
    const auto* apply = std::get_if<ApplyObject>(&step);
    if (apply == nullptr) return false;
    if (id->kind == "StatefulSet" &&
        shards_.contains(label_of(metadata_of(apply->document).labels, names::kShardLabel)))
      return true;
    if (!seen_uid(observation_, *id).empty()) return false;
    if (id->kind != "Pod" && id->kind != "Deployment" && id->kind != "StatefulSet") return false;
    const auto labels = metadata_of(apply->document).labels;
    return components_.contains(label_of(labels, names::kComponentLabel)) ||
           numbers_.contains(label_of(labels, names::kInstanceNumberLabel));
  }

 private:
  static const std::set<std::string>& uses() {
    static const std::set<std::string> kinds{"Lease", "ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding"};
    return kinds;
  }

  const facts::Observation& observation_;
  std::set<facts::ChildId> names_;
  std::set<std::string> components_, numbers_, shards_;
};

void aim_at_what_was_seen(const facts::Observation& observation, Step& step) {
  const auto id = written_by(step);
  if (!id) return;
  if (auto* apply = std::get_if<ApplyObject>(&step)) apply->uid = seen_uid(observation, *id);
  if (auto* label = std::get_if<LabelObject>(&step)) label->uid = seen_uid(observation, *id);
}

}  // namespace

std::vector<facts::ExpectedObject> expected_objects(const facts::Observation& observation) {
  const auto& cluster = *observation.cluster;
  if (!cluster.metadata.deletion_timestamp.empty()) return {};
  resources::Context context{cluster, {}};
  if (cluster.spec.paused || !api::validate_spec(cluster.spec).empty()) return {expected_lease(context)};
  std::vector<Objection> said_elsewhere;
  context.postgres_claims = claims_of(observation, facts::view_postgres(observation), said_elsewhere);
  context.keeps_haproxy = facts::keeps_haproxy(observation);
  context.redis_shards = facts::redis_shards(observation);
  std::vector<facts::ExpectedObject> out;
  auto secrets = wanted_secrets(cluster);
  for (const auto& [source, copy] : stand_ins(observation)) secrets.push_back(stand_in_recipe(cluster, source, copy));
  for (const auto& recipe : secrets) {
    out.push_back({&kube::types::Secret::kind_info(), recipe.name,
                   json::decode_leniently<ObjectMeta>(recipe.metadata).labels, true});
  }
  auto documents = all_documents(context);
  leave_out_absent(observation, documents);
  for (const auto& document : documents)
    out.push_back({document.kind, document.name, metadata_of(document.body).labels, false});
  add_postgres(observation, context, out);
  add_redis(context, out);
  return out;
}

std::set<std::string> take_back(const facts::Observation& observation, Plan& plan) {
  std::set<std::string> out;
  for (const auto& expected : expected_objects(observation)) {
    const auto before = plan.actions.size();
    const facts::ChildId id{expected.kind->kind, expected.name};
    if (const auto lost = observation.unlabelled.find(id); lost != observation.unlabelled.end()) {
      if (facts::is_ours(observation, lost->second))
        reclaim(*observation.cluster, expected, metadata_of(lost->second.document), plan);
    } else if (const auto pod = observation.pods.find(id.name); id.kind == "Pod" && pod != observation.pods.end()) {
      reclaim(*observation.cluster, expected, pod->second->metadata, plan);
    } else if (const auto* secret = observation.child(id.kind, id.name); id.kind == "Secret" && secret != nullptr) {
      reclaim(*observation.cluster, expected, metadata_of(secret->document), plan);
    }
    if (plan.actions.size() > before) out.insert(label_of(expected.labels, names::kComponentLabel));
  }
  plan.first = plan.actions.size();
  return out;
}

void spare_others(const facts::Observation& observation, Plan& plan) {
  if (!observation.unlabelled.empty() || !observation.unread.empty()) {
    const Taken taken(observation);
    std::erase_if(plan.actions, [&](const Action& action) { return taken.forbids(action.step); });
    look_again(plan, observation.unread.empty() ? kLookAgain : kAskAgain, "names may become free");
  }
  for (auto& action : plan.actions) aim_at_what_was_seen(observation, action.step);
  for (const auto& [id, live] : observation.unlabelled) {
    if (!facts::is_ours(observation, live)) object_to(observation, id, live, plan);
  }
  for (const auto& [id, problem] : observation.unread) {
    if (!problem.empty())
      plan.objections.push_back(
          {"Unreadable",
           id.kind + " " + id.name + " could not be looked for, so it is left as it is: " + problem + "."});
  }
}

}  // namespace cadence::plan
