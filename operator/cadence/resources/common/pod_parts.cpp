#include "cadence/resources/common/pod_parts.hpp"

#include "cadence/api/object_keys.hpp"

namespace cadence::resources {

namespace types = kube::types;

types::PodSecurityContext pod_security(std::int64_t user) {
  types::PodSecurityContext out;
  out.run_as_non_root = true;
  out.run_as_user = user;
  out.run_as_group = user;
  out.fs_group = user;
  out.fs_group_change_policy = "OnRootMismatch";
  out.seccomp_profile = types::SeccompProfile{};
  return out;
}

types::SecurityContext container_security() {
  types::SecurityContext out;
  out.allow_privilege_escalation = false;
  out.read_only_root_filesystem = true;
  out.run_as_non_root = true;
  out.capabilities = types::Capabilities{.add = {}, .drop = {"ALL"}};
  out.seccomp_profile = types::SeccompProfile{};
  return out;
}

types::Volume empty_dir(const std::string& name, bool in_memory, const std::string& limit) {
  types::Volume out;
  out.name = name;
  out.empty_dir = types::EmptyDirSource{.medium = in_memory ? "Memory" : "", .size_limit = limit};
  return out;
}

types::Volume secret_volume(const std::string& name, const std::string& secret) {
  types::Volume out;
  out.name = name;
  out.secret = types::SecretSource{.secret_name = secret, .items = {}, .default_mode = kSecretFileMode, .optional = {}};
  return out;
}

types::Volume config_volume(const std::string& name, const std::string& config_map) {
  types::Volume out;
  out.name = name;
  out.config_map = types::ConfigMapSource{.name = config_map, .items = {}, .default_mode = {}, .optional = {}};
  return out;
}

types::VolumeMount mount(const std::string& volume, const std::string& path) {
  return {.name = volume, .mount_path = path, .sub_path = {}, .read_only = {}};
}

types::VolumeMount mount_read_only(const std::string& volume, const std::string& path) {
  return {.name = volume, .mount_path = path, .sub_path = {}, .read_only = true};
}

types::EnvVar env(const std::string& name, const std::string& value) {
  return {.name = name, .value = value, .value_from = {}};
}

types::EnvVar env_from_field(const std::string& name, const std::string& field_path) {
  types::EnvVarSource source;
  source.field_ref = types::ObjectFieldSelector{.field_path = field_path};
  return {.name = name, .value = {}, .value_from = source};
}

types::Probe http_probe(const std::string& path, const json::Value& port, ProbeTiming timing) {
  types::Probe out;
  out.http_get = types::HttpGetAction{.path = path, .port = port, .scheme = {}, .http_headers = {}};
  out.period_seconds = timing.period;
  out.timeout_seconds = timing.timeout;
  out.failure_threshold = timing.failures;
  return out;
}

json::Value resources_or(const api::ResourceRequirements& wanted, const json::Value& fallback) {
  if (wanted.requests.empty() && wanted.limits.empty()) return fallback;
  return json::encode(wanted);
}

json::Value requests(const std::string& cpu, const std::string& memory, const std::string& memory_limit) {
  json::Value out{{"requests", {{"cpu", cpu}, {"memory", memory}}}};
  if (!memory_limit.empty()) out["limits"] = {{"memory", memory_limit}};
  return out;
}

json::Value spread_over_nodes(const Labels& selector, bool per_revision) {
  json::Value out{{"maxSkew", 1},
                  {"topologyKey", "kubernetes.io/hostname"},
                  {"whenUnsatisfiable", "ScheduleAnyway"},
                  {"labelSelector", {{"matchLabels", selector}}}};
  if (per_revision) out["matchLabelKeys"] = {"pod-template-hash"};
  return out;
}

json::Value apart_from(const Labels& selector) {
  const json::Value term{{"topologyKey", "kubernetes.io/hostname"}, {"labelSelector", {{"matchLabels", selector}}}};
  json::Value weighted{{"weight", 100}, {"podAffinityTerm", term}};
  return {{"podAntiAffinity",
           {{"preferredDuringSchedulingIgnoredDuringExecution", json::Value::array({std::move(weighted)})}}}};
}

void merge_pod_template(const api::PodTemplate& wanted, const Labels& selector, kube::core::ObjectMeta& metadata,
                        types::PodSpec& spec) {
  // The schema refuses the operator's own; a cluster from before it did loses them here, and the plan says so.
  for (const auto& label : wanted.labels) {
    if (!api::is_own_label(label.first)) metadata.labels.insert(label);
  }
  for (const auto& annotation : wanted.annotations) {
    if (!api::is_own_annotation(annotation.first)) metadata.annotations.insert(annotation);
  }
  spec.node_selector.insert(wanted.node_selector.begin(), wanted.node_selector.end());
  spec.tolerations.insert(spec.tolerations.end(), wanted.tolerations.begin(), wanted.tolerations.end());
  if (!wanted.affinity.is_null()) spec.affinity = wanted.affinity;
  if (!wanted.topology_spread_constraints.empty())
    spec.topology_spread_constraints = wanted.topology_spread_constraints;
  for (auto& constraint : spec.topology_spread_constraints) {
    if (constraint.is_object() && !constraint.contains("labelSelector"))
      constraint["labelSelector"] = {{"matchLabels", selector}};
  }
  if (!wanted.priority_class_name.empty()) spec.priority_class_name = wanted.priority_class_name;
}

}  // namespace cadence::resources
