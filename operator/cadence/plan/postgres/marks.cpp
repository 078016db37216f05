#include "cadence/plan/postgres/marks.hpp"

#include "base/text.hpp"
#include "cadence/plan/common/drift.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "kube/types/coordination.hpp"

namespace cadence::plan {
namespace {

using kube::types::Lease;
using kube::types::Pod;
using Kind = PostgresOperation::Kind;

// An agent that still runs with another configuration has missed the first word.
constexpr std::chrono::seconds kTellAgain{15};
// Longer than an agent needs to write its own address after its claim.
constexpr std::chrono::milliseconds kRepairAfter{5000};

// A write between a release and the new primary's first words would make a claim fail: what is over is taken back
// afterwards.
bool is_settled(const facts::PostgresView& view) {
  const auto* primary = view.primary_instance();
  return primary != nullptr && !view.is_silent && primary->report != nullptr && primary->report->is_writable;
}

std::map<std::string, std::string> requests_of(const facts::Observation& observation, const facts::PostgresView& view,
                                               const PostgresRecovery& recovery, const PostgresOperation& operation) {
  const auto& spec = observation.cluster->spec.postgres;
  std::map<std::string, std::string> out;
  if (operation.kind == Kind::Switchover) out[postgres::kSwitchoverToAnnotation] = operation.instance;
  if (operation.kind == Kind::Restart) out[postgres::kRestartAnnotation] = operation.instance + " " + operation.token;
  if (recovery.is_due)
    out[postgres::kRecoverFromAnnotation] = recovery.is_decided() ? recovery.decision.instance : postgres::kUndecided;
  std::string fenced;
  for (const auto& name : spec.fenced) {
    if (view.find(name) != nullptr) fenced += (fenced.empty() ? "" : " ") + name;
  }
  if (!fenced.empty()) out[postgres::kFencedAnnotation] = fenced;
  if (!is_settled(view)) {
    for (const char* name : {postgres::kSwitchoverToAnnotation, postgres::kRestartAnnotation,
                             names::kSwitchoverDoneAnnotation, postgres::kRecoverFromAnnotation}) {
      if (const auto present = facts::lease_annotation(observation, name); !present.empty()) out.emplace(name, present);
    }
    return out;
  }
  const bool is_reached =
      !spec.switchover_to.empty() &&
      (spec.switchover_to == view.primary ||
       facts::lease_annotation(observation, names::kSwitchoverDoneAnnotation) == spec.switchover_to);
  if (is_reached) out[names::kSwitchoverDoneAnnotation] = spec.switchover_to;
  return out;
}

std::pair<std::string, std::string> told(const facts::Observation& observation, const facts::ChildId& object,
                                         const json::Value& document, const PostgresOperation& operation) {
  const auto changes = [&](const char* name) {
    return json::string_at(document, {"metadata", "annotations", name}) != facts::lease_annotation(observation, name);
  };
  if (operation.kind == Kind::Switchover && changes(postgres::kSwitchoverToAnnotation))
    return {operation.reason, operation.why};
  if (operation.kind == Kind::Restart && changes(postgres::kRestartAnnotation))
    return {operation.reason, operation.why};
  if (changes(postgres::kFencedAnnotation)) {
    const auto fenced = json::string_at(document, {"metadata", "annotations", postgres::kFencedAnnotation});
    return fenced.empty() ? std::pair<std::string, std::string>{"Unfenced", "Unfenced all instances"}
                          : std::pair{std::string("Fenced"), "Fenced " + fenced};
  }
  for (const char* name : {postgres::kSwitchoverToAnnotation, postgres::kRestartAnnotation,
                           names::kSwitchoverDoneAnnotation, postgres::kRecoverFromAnnotation}) {
    if (changes(name)) return {"Updated", "Updated the requests on " + object.to_string()};
  }
  return {"Restored", "Restored the labels of " + object.to_string()};
}

std::string data_hash(const resources::Context& context) {
  std::string text;
  for (const auto& [file, content] : resources::build_postgres_config(context).data) text += file + "\n" + content;
  return resources::short_hash(text);
}

std::string configuration_value(const resources::Context& context, const facts::PostgresInstance& instance,
                                base::Wall now) {
  const auto wanted = data_hash(context);
  const auto mark = configuration_mark(instance);
  const auto fresh = wanted + " " + base::format_rfc3339(now);
  if (!mark || mark->hash != wanted) return fresh;
  const auto loaded = std::to_string(base::fnv1a(resources::postgres_configuration(context)));
  const bool has_missed = instance.report != nullptr && !instance.report->config_hash.empty() &&
                          instance.report->config_hash != loaded && now - mark->at > kTellAgain;
  return has_missed ? fresh : instance.pod->metadata.annotations.at(names::kConfigurationAnnotation);
}

std::string text_at(const std::map<std::string, std::string>& map, const char* key) {
  const auto found = map.find(key);
  return found == map.end() ? std::string() : found->second;
}

bool leads_to(const kube::types::EndpointSlice& slice, const std::string& ip) {
  return slice.endpoints.size() == 1 && slice.endpoints.front().addresses == std::vector<std::string>{ip};
}

json::Value endpoint_of(const Pod& pod) {
  kube::types::Endpoint out;
  out.addresses = {pod.status.pod_ip};
  out.conditions.ready = true;
  out.node_name = pod.spec.node_name;
  out.target_ref = kube::types::EndpointTarget{"Pod", pod.metadata.name, pod.metadata.namespace_, pod.metadata.uid};
  return json::encode(out);
}

}  // namespace

std::optional<ConfigurationMark> configuration_mark(const facts::PostgresInstance& instance) {
  if (!instance.pod) return std::nullopt;
  const auto words = base::split(text_at(instance.pod->metadata.annotations, names::kConfigurationAnnotation), ' ');
  if (words.size() != 2) return std::nullopt;
  return ConfigurationMark{words[0], base::parse_rfc3339(words[1])};
}

void plan_lease_marks(const facts::Observation& observation, const resources::Context& context,
                      const facts::PostgresView& view, const PostgresRecovery& recovery,
                      const PostgresOperation& operation, Plan& plan) {
  Lease lease;
  lease.metadata = resources::child_metadata(context, context.names().postgres(), resources::kPostgres);
  lease.metadata.annotations = requests_of(observation, view, recovery, operation);
  const json::Value document{
      {"apiVersion", Lease::kind_info().api_version()}, {"kind", "Lease"}, {"metadata", json::encode(lease.metadata)}};
  const auto* live = observation.child("Lease", lease.metadata.name);
  const facts::ChildId object{"Lease", lease.metadata.name};
  if (live != nullptr && first_drift(document, live->document).empty()) return;
  const bool is_choice =
      recovery.is_decided() &&
      facts::lease_annotation(observation, postgres::kRecoverFromAnnotation) != recovery.decision.instance;
  if (is_choice) {
    plan.actions.push_back({LabelObject{&Lease::kind_info(), with_fingerprint(document)}, object, "Recovery",
                            "Chose " + recovery.decision.instance + " as primary: " + recovery.decision.why});
    return;
  }
  const auto [reason, why] = live == nullptr
                                 ? std::pair<std::string, std::string>{"Created", "Created " + object.to_string()}
                                 : told(observation, object, document, operation);
  plan.actions.push_back({LabelObject{&Lease::kind_info(), with_fingerprint(document)}, object, reason, why});
}

void plan_pod_marks(const resources::Context& context, const facts::PostgresView& view,
                    const facts::PostgresInstance& instance, base::Wall now, Plan& plan) {
  const auto& pod = *instance.pod;
  const auto role_now = text_at(pod.metadata.labels, names::kRoleLabel);
  const auto role = view.primary.empty() ? role_now : instance.name == view.primary ? "primary" : "standby";
  const auto configuration = configuration_value(context, instance, now);
  const bool has_new_role = role != role_now,
             has_new_configuration =
                 text_at(pod.metadata.annotations, names::kConfigurationAnnotation) != configuration;
  if (!has_new_role && !has_new_configuration) return;
  json::Value metadata{{"name", pod.metadata.name},
                       {"namespace", pod.metadata.namespace_},
                       {"annotations", {{names::kConfigurationAnnotation, configuration}}}};
  if (!role.empty()) metadata["labels"] = {{names::kRoleLabel, role}};
  const facts::ChildId object{"Pod", pod.metadata.name};
  const auto why = has_new_role ? "Labelled " + object.to_string() + " as " + role
                                : "Told " + object.to_string() + " of its configuration";
  plan.actions.push_back(
      {LabelObject{&Pod::kind_info(), {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}}},
       object, has_new_role ? "RoleChanged" : "Configured", why});
}

void plan_endpoints(const facts::Observation& observation, const resources::Context& context,
                    const facts::PostgresView& view, Plan& plan) {
  const auto* primary = view.primary_instance();
  const auto& slice = observation.postgres_endpoints;
  if (!slice || view.is_silent || primary == nullptr || !primary->is_ready() || primary->pod->status.pod_ip.empty())
    return;
  if (primary->pod->metadata.uid != view.holder_uid || leads_to(*slice, primary->pod->status.pod_ip)) return;
  // Only a Lease that we know more freshly than the slice tells who is right.
  const bool is_known =
      observation.lease_silence && observation.endpoints_age && *observation.lease_silence < *observation.endpoints_age;
  if (!is_known || *observation.endpoints_age < kRepairAfter) {
    look_again(plan, kRepairAfter, "the rw Service does not lead to the primary yet");
    return;
  }
  const auto& kind = kube::types::EndpointSlice::kind_info();
  const facts::ChildId object{"EndpointSlice", slice->metadata.name};
  const json::Value document{{"apiVersion", kind.api_version()},
                             {"kind", kind.kind},
                             {"metadata", {{"name", slice->metadata.name}, {"namespace", context.space()}}},
                             {"addressType", "IPv4"},
                             {"endpoints", json::Value::array({endpoint_of(*primary->pod)})}};
  plan.actions.push_back({LabelObject{&kind, document}, object, "Restored",
                          "Restored " + object.to_string() + ": it did not lead to primary " + view.primary,
                          "The agent of " + view.primary + " writes it too: look at its log."});
}

}  // namespace cadence::plan
