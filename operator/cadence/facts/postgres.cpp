#include "cadence/facts/postgres.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace cadence::facts {
namespace {

PostgresInstance instance_of(const Observation& observation, int number) {
  PostgresInstance out;
  out.number = number;
  out.name = names::Names(observation.cluster->metadata.name).postgres_instance(number);
  const auto& spec = observation.cluster->spec.postgres;
  out.is_wanted = number <= spec.instances;
  out.is_fenced = std::find(spec.fenced.begin(), spec.fenced.end(), out.name) != spec.fenced.end();
  if (const auto pod = observation.pods.find(out.name); pod != observation.pods.end()) {
    out.pod = pod->second;
    const auto node = observation.nodes.find(out.pod->spec.node_name);
    out.is_on_drained_node = node != observation.nodes.end() && kube::types::is_being_drained(*node->second);
  }
  if (const auto* volume = observation.child("PersistentVolumeClaim", claim_name(observation, number))) {
    out.has_volume = !volume->is_going();
    out.is_volume_going = volume->is_going();
  }
  if (const auto report = observation.instances.find(out.name); report != observation.instances.end())
    out.report = &report->second;
  return out;
}

void add_unwanted(const Observation& observation, PostgresView& view) {
  const int wanted = observation.cluster->spec.postgres.instances;
  std::set<int> numbers;
  const auto add = [&](const std::string& label) {
    const auto number = base::parse_integer(label).value_or(0);
    if (number > wanted && number < 1000) numbers.insert(static_cast<int>(number));
  };
  for (const auto& [name, pod] : observation.pods) {
    const auto label = pod->metadata.labels.find(names::kInstanceNumberLabel);
    if (label != pod->metadata.labels.end()) add(label->second);
  }
  for (const auto& [id, live] : observation.children) {
    if (view.is_initialised || id.kind != "PersistentVolumeClaim" || is_set_aside(live)) continue;
    add(json::string_at(live.document, {"metadata", "labels", names::kInstanceNumberLabel}));
  }
  for (const int number : numbers) view.instances.push_back(instance_of(observation, number));
}

}  // namespace

bool is_set_aside(const LiveChild& volume) {
  const auto has = [&](const char* label) {
    return !json::string_at(volume.document, {"metadata", "labels", label}).empty();
  };
  return has(names::kSetAsideLabel) || has(names::kFormerSetAsideLabel);
}

std::string claim_name(const Observation& observation, int number) {
  const auto first = names::Names(observation.cluster->metadata.name).postgres_instance(number);
  auto out = first;
  if (observation.cluster->spec.postgres.instances == 1) return out;  // the only copy stays in use
  for (int next = 2;; ++next) {
    const auto* volume = observation.child("PersistentVolumeClaim", out);
    if (volume == nullptr || !is_set_aside(*volume)) return out;
    out = first + "-" + std::to_string(next);
  }
}

int votes_needed(const postgres::SynchronousSet& published) {
  if (published.mode == postgres::SynchronousMode::Off) return published.names.empty() ? 0 : 1;
  return published.number > 0 ? static_cast<int>(published.election_quorum()) : 0;
}

std::optional<std::int64_t> lag_of(const postgres::InstanceStatus& primary, const postgres::InstanceStatus& standby) {
  const auto written = postgres::parse_lsn(primary.lsn), replayed = postgres::parse_lsn(standby.replay_lsn);
  if (!written || !replayed) return std::nullopt;
  return *replayed >= *written ? 0 : static_cast<std::int64_t>(*written - *replayed);
}

const kube::types::ContainerStatus* postgres_container(const kube::types::Pod& pod) {
  for (const auto& status : pod.status.container_statuses) {
    if (status.name == "postgres") return &status;
  }
  return nullptr;
}

bool PostgresInstance::is_running() const {
  if (!pod || is_going()) return false;
  const auto* container = postgres_container(*pod);
  return container != nullptr && container->state.running.has_value();
}

const PostgresInstance* PostgresView::find(const std::string& name) const {
  const auto found =
      std::find_if(instances.begin(), instances.end(), [&](const auto& instance) { return instance.name == name; });
  return name.empty() || found == instances.end() ? nullptr : &*found;
}

std::string lease_annotation(const Observation& observation, const char* name) {
  if (!observation.postgres_lease) return {};
  const auto found = observation.postgres_lease->metadata.annotations.find(name);
  return found == observation.postgres_lease->metadata.annotations.end() ? std::string() : found->second;
}

CommitMeasures commits_of(const Observation& observation, const PostgresInstance& primary) {
  if (primary.report != nullptr)
    return {primary.report->unacknowledged, primary.report->unprotected, primary.report->overridden};
  return {lease_annotation(observation, postgres::kUnacknowledgedAnnotation), "",
          lease_annotation(observation, postgres::kSettingsAnnotation)};
}

PostgresView view_postgres(const Observation& observation) {
  PostgresView out;
  if (const auto& lease = observation.postgres_lease) {
    out.primary = lease->spec.holder_identity.value_or("");
    out.holder_uid = lease_annotation(observation, postgres::kHolderUidAnnotation);
    out.is_initialised = lease->metadata.annotations.contains(postgres::kSystemIdentifierAnnotation);
    const std::chrono::seconds duration(lease->spec.lease_duration_seconds.value_or(0));
    out.is_silent = !out.primary.empty() && duration.count() > 0 && observation.lease_silence &&
                    *observation.lease_silence >= duration;
    if (auto set = postgres::parse_synchronous_set(lease_annotation(observation, postgres::kSynchronousAnnotation)))
      out.published = std::move(*set);
  }
  for (int number = 1; number <= observation.cluster->spec.postgres.instances; ++number)
    out.instances.push_back(instance_of(observation, number));
  add_unwanted(observation, out);
  return out;
}

}  // namespace cadence::facts
