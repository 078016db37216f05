#include "cadence/plan/postgres.hpp"
#include "cadence/resources/names.hpp"
#include "cadence/status/components.hpp"

namespace cadence::status {
namespace {

std::string synchronous_text(const api::Synchronous& wanted) {
  if (wanted.mode == "Off") return "Off: a commit waits for no standby";
  return wanted.mode + ": a commit waits for any " + std::to_string(wanted.number) + " of the standbys";
}

api::PostgresInstanceStatus instance_status(const plan::Observation& observation, const std::string& name, const std::string& primary) {
  api::PostgresInstanceStatus out;
  out.name = name;
  const auto found = observation.pods.find(name);
  if (found == observation.pods.end()) {
    out.state = "Missing";
    out.role = "starting";
    return out;
  }
  out.state = kube::types::is_ready(*found->second) ? "Ready" : "NotReady";
  out.role = name == primary ? "primary" : plan::is_postgres_initialised(observation) ? "standby" : "starting";
  out.node = found->second->spec.node_name;
  return out;
}

}  // namespace

api::PostgresStatus postgres_status(const plan::Observation& observation) {
  const resources::Names names(observation.cluster->metadata.name);
  const auto& spec = observation.cluster->spec.postgres;
  api::PostgresStatus out;
  out.primary = plan::postgres_primary(observation);
  out.synchronous = synchronous_text(spec.synchronous);
  if (const auto& lease = observation.postgres_lease) {
    if (lease->spec.lease_transitions) out.term = *lease->spec.lease_transitions;
    const auto timeline = lease->metadata.annotations.find("cadence.noslop.tech/timeline");
    if (timeline != lease->metadata.annotations.end()) out.timeline = std::atoll(timeline->second.c_str());
  }
  for (int number = 1; number <= spec.instances; ++number) {
    out.instances.push_back(instance_status(observation, names.postgres_instance(number), out.primary));
  }
  out.last_failover = observation.cluster->status.postgres.last_failover;
  return out;
}

Judgement judge_postgres(const plan::Observation& observation, const api::PostgresStatus& postgres) {
  const resources::Names names(observation.cluster->metadata.name);
  if (!plan::is_postgres_initialised(observation)) return {false, "Initialising", "Pod " + names.postgres_instance(1) + " is creating the database."};
  if (postgres.primary.empty()) return {false, "NoPrimary", "Nobody holds Lease " + names.postgres() + ": look at the logs of the PostgreSQL pods."};
  std::string waiting;
  int ready = 0;
  for (const auto& instance : postgres.instances) {
    if (instance.state == "Ready") ++ready;
    else waiting += (waiting.empty() ? "" : ", ") + instance.name;
    if (instance.name == postgres.primary && instance.state != "Ready") return {false, "PrimaryNotReady", "Primary " + instance.name + " does not accept writes yet."};
  }
  const auto counts = std::to_string(ready) + " of " + std::to_string(postgres.instances.size()) + " instances are ready";
  if (!waiting.empty()) return {false, "StandbysNotReady", counts + ", waiting for " + waiting + "."};
  return {true, "Available", "Primary " + postgres.primary + " accepts writes; " + counts + "."};
}

}  // namespace cadence::status
