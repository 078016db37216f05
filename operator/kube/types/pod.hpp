// Pods: what they are made of, and what the kubelet says of them. Only the fields we set or read.
// Affinity, tolerations and spread constraints stay JSON: users write them, we pass them on.
#pragma once

#include <map>

#include "kube/core/meta.hpp"
#include "kube/types/container.hpp"

namespace cadence::kube::types {

struct EmptyDirSource {
  std::string medium, size_limit;
  static json::Object json_fields();
};

struct KeyToPath {
  std::string key, path;
  std::optional<std::int32_t> mode;
  static json::Object json_fields();
};

struct SecretSource {
  std::string secret_name;
  std::vector<KeyToPath> items;
  std::optional<std::int32_t> default_mode;
  std::optional<bool> optional;
  static json::Object json_fields();
};

struct ConfigMapSource {
  std::string name;
  std::vector<KeyToPath> items;
  std::optional<std::int32_t> default_mode;
  std::optional<bool> optional;
  static json::Object json_fields();
};

struct ClaimSource {
  std::string claim_name;
  std::optional<bool> read_only;
  static json::Object json_fields();
};

struct ProjectedReference {  // a Secret or ConfigMap inside a projected volume
  std::string name;
  std::vector<KeyToPath> items;
  std::optional<bool> optional;
  static json::Object json_fields();
};

struct VolumeProjection {
  std::optional<ProjectedReference> secret, config_map;
  json::Value service_account_token;
  static json::Object json_fields();
};

struct ProjectedSource {
  std::vector<VolumeProjection> sources;
  std::optional<std::int32_t> default_mode;
  static json::Object json_fields();
};

struct Volume {
  std::string name;
  std::optional<EmptyDirSource> empty_dir;
  std::optional<SecretSource> secret;
  std::optional<ConfigMapSource> config_map;
  std::optional<ClaimSource> persistent_volume_claim;
  std::optional<ProjectedSource> projected;
  static json::Object json_fields();
};

struct PodSecurityContext {
  std::optional<bool> run_as_non_root;
  std::optional<std::int64_t> run_as_user, run_as_group, fs_group;
  std::string fs_group_change_policy;
  std::optional<SeccompProfile> seccomp_profile;
  static json::Object json_fields();
};

struct PodSpec {
  std::vector<Container> init_containers, containers;
  std::vector<Volume> volumes;
  std::optional<PodSecurityContext> security_context;
  json::Value affinity;
  std::vector<json::Value> topology_spread_constraints, tolerations;
  std::map<std::string, std::string> node_selector;
  std::string service_account_name;
  std::optional<bool> automount_service_account_token, enable_service_links;
  std::optional<std::int64_t> termination_grace_period_seconds;
  std::string hostname, subdomain, priority_class_name, restart_policy, node_name;
  static json::Object json_fields();
};

struct PodTemplateSpec {
  core::ObjectMeta metadata;
  PodSpec spec;
  static json::Object json_fields();
};

struct ContainerStateTerminated {
  std::int32_t exit_code = 0;
  std::string reason, message;
  static json::Object json_fields();
};

struct ContainerStateWaiting {
  std::string reason, message;
  static json::Object json_fields();
};

struct ContainerStateRunning {
  std::string started_at;
  static json::Object json_fields();
};

struct ContainerState {
  std::optional<ContainerStateWaiting> waiting;
  std::optional<ContainerStateRunning> running;
  std::optional<ContainerStateTerminated> terminated;
  static json::Object json_fields();
};

struct ContainerStatus {
  std::string name, image, image_id;
  bool ready = false;
  std::optional<bool> started;
  std::int32_t restart_count = 0;
  ContainerState state, last_state;
  static json::Object json_fields();
};

struct PodCondition {
  std::string type, status, reason, message, last_transition_time;
  static json::Object json_fields();
};

struct PodStatus {
  std::string phase, pod_ip, host_ip, reason, message, start_time;
  std::vector<PodCondition> conditions;
  std::vector<ContainerStatus> container_statuses, init_container_statuses;
  static json::Object json_fields();
};

struct Pod {
  core::ObjectMeta metadata;
  PodSpec spec;
  PodStatus status;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

// Condition Ready=True and not being deleted.
bool is_ready(const Pod& pod);

}  // namespace cadence::kube::types
