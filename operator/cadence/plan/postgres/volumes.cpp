#include "cadence/plan/postgres/volumes.hpp"

#include <algorithm>

#include "base/quantity.hpp"
#include "cadence/plan/common/children.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "kube/types/core.hpp"

namespace cadence::plan {
namespace {

using kube::types::PersistentVolumeClaim;

constexpr std::chrono::seconds kLookAtDisks{30};
constexpr std::int64_t kNearlyFullPercent = 95;

// 0 for what is no size: the spec was validated, and the API server keeps none.
std::int64_t bytes_of(const std::string& text) {
  const auto bytes = base::parse_bytes(text);
  return bytes ? *bytes : 0;
}

std::int64_t bytes_at(const json::Value& document, std::initializer_list<std::string_view> path) {
  const auto& value = json::at_path(document, path);
  return value.is_string() ? bytes_of(value.get_ref<const std::string&>()) : 0;
}

struct Claim {
  std::int64_t requested = 0, present = 0;  // present: what it has grown to; less while a resize is under way
};

Claim claim_of(const facts::Observation& observation, const std::string& name) {
  const auto* live = observation.child(PersistentVolumeClaim::kind_info().kind, name);
  if (live == nullptr) return {};
  return {bytes_at(live->document, {"spec", "resources", "requests", "storage"}),
          bytes_at(live->document, {"status", "capacity", "storage"})};
}

// One of an instance's volumes, and what the spec says of it.
struct Wanted {
  kube::types::PersistentVolumeClaim volume;
  std::string owner;      // "the volume of cadence-postgres-1"
  std::string size;       // as the spec has it
  std::string field;      // where
  postgres::DiskUse use;  // zero: unknown
};

std::int64_t used_percent_of(const postgres::DiskUse& use) {
  return use.size_bytes <= 0 ? 0 : 100 * (use.size_bytes - use.free_bytes) / use.size_bytes;
}

// How much a volume should have that is filling up; 0: no more than now.
std::int64_t grown(const api::AutoGrow& rule, const Wanted& wanted, const Claim& claim, Plan& plan) {
  if (claim.requested == 0 || claim.present < claim.requested) return 0;
  const auto used_percent = used_percent_of(wanted.use);
  if (used_percent < rule.threshold_percent) return 0;
  const auto limit = bytes_of(rule.limit), step = bytes_of(rule.step);
  const auto next = std::min(claim.requested + step, limit);
  if (next > claim.requested) return next;
  plan.objections.push_back({"VolumeNearlyFull", "spec.postgres.storage.autoGrow.limit: " + wanted.owner + " is " +
                                                     std::to_string(used_percent) +
                                                     " % full and as large as the limit " + rule.limit +
                                                     " allows: raise the limit, or free space."});
  return 0;
}

// The size that the spec says, or a larger one that it has already: a volume cannot shrink.
std::string size_of(const std::optional<api::AutoGrow>& rule, const Wanted& wanted, const Claim& claim, Plan& plan) {
  const auto specified = bytes_of(wanted.size);
  auto size = std::max(specified, claim.requested);
  if (rule) size = std::max(size, grown(*rule, wanted, claim, plan));
  else if (const auto used = used_percent_of(wanted.use); used >= kNearlyFullPercent) {
    plan.objections.push_back(
        {"VolumeNearlyFull",
         wanted.field + ": " + wanted.owner + " is " + std::to_string(used) +
             " % full: raise the size, or free space; spec.postgres.storage.autoGrow does it by itself."});
  }
  return size == specified ? wanted.size : std::to_string(size);
}

// A volume keeps the class that it was made with: the spec's is for new ones.
void keep_class(const facts::Observation& observation, Wanted& wanted, Plan& plan) {
  auto& wanted_class = wanted.volume.spec.storage_class_name;
  const auto* live = observation.child(PersistentVolumeClaim::kind_info().kind, wanted.volume.metadata.name);
  const auto present = live == nullptr ? std::string() : json::string_at(live->document, {"spec", "storageClassName"});
  if (present.empty() || !wanted_class || *wanted_class == present) return;
  plan.objections.push_back(
      {"VolumeClassDiffers", "spec.postgres.storage.storageClassName: " + wanted.owner + " stays of class " + present +
                                 ", a volume cannot change it: to have the instance copied onto a new one of class " +
                                 *wanted_class + ", label PersistentVolumeClaim " + wanted.volume.metadata.name + " " +
                                 names::kSetAsideLabel + "=true."});
  wanted_class = present;
}

void plan_volume(const facts::Observation& observation, const std::optional<api::AutoGrow>& rule, Wanted wanted,
                 Plan& plan) {
  const auto claim = claim_of(observation, wanted.volume.metadata.name);
  const auto size = size_of(rule, wanted, claim, plan);
  wanted.volume.spec.resources.requests["storage"] = {size};
  keep_class(observation, wanted, plan);
  auto action = change_of(observation, PersistentVolumeClaim::kind_info(), kube::core::to_document(wanted.volume));
  if (!action) return;
  action->field = "spec.postgres";
  if (claim.requested != 0) {
    action->reason = "VolumeGrown";
    action->why = "Changed " + wanted.owner + " to " + size;
    action->hint =
        wanted.field + ": give it a StorageClass with allowVolumeExpansion: true, or make the size as it was.";
  }
  plan.actions.push_back(std::move(*action));
}

}  // namespace

std::map<int, std::string> claims_of(const facts::Observation& observation, const facts::PostgresView& view,
                                     std::vector<Objection>& objections) {
  std::map<int, std::string> out;
  const names::Names names(observation.cluster->metadata.name);
  for (const auto& instance : view.instances) {
    const int number = instance.number;
    const auto first = names.postgres_instance(number);
    const auto claim = facts::claim_name(observation, number);
    if (claim != first) out[number] = claim;
    const auto* live = observation.child(PersistentVolumeClaim::kind_info().kind, first);
    const bool is_kept = live != nullptr && facts::is_set_aside(*live);
    if (is_kept && claim == first)
      objections.push_back({"Refused", "PersistentVolumeClaim " + first +
                                           " is set aside by its label, but it is the only copy of the data: raise "
                                           "spec.postgres.instances first."});
  }
  return out;
}

Plan plan_postgres_volumes(const facts::Facts& facts, const PostgresRecovery& recovery,
                           const resources::Context& context) {
  Plan plan;
  const auto& observation = facts.seen;
  const auto& view = facts.postgres;
  const auto& storage = context.spec().postgres.storage;
  const bool is_looked_for = recovery.is_due;
  for (const auto& instance : view.instances) {
    if (!instance.is_wanted || !(view.is_initialised || (is_looked_for ? instance.has_volume : instance.number == 1)))
      continue;
    const auto use = instance.report == nullptr ? postgres::InstanceStatus{} : *instance.report;
    plan_volume(observation, storage.auto_grow,
                {resources::build_postgres_volume(context, instance.number), "the volume of " + instance.name,
                 storage.size, "spec.postgres.storage.size", use.disk},
                plan);
    if (storage.wal_size.empty()) continue;
    plan_volume(observation, storage.auto_grow,
                {resources::build_postgres_wal_volume(context, instance.number), "the WAL volume of " + instance.name,
                 storage.wal_size, "spec.postgres.storage.walSize", use.wal_disk},
                plan);
  }
  look_again(plan, kLookAtDisks, "the volumes may fill up");
  return plan;
}

}  // namespace cadence::plan
