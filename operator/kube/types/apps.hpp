// Deployment and StatefulSet, with only the fields we set or read.
#pragma once

#include "kube/types/core.hpp"

namespace cadence::kube::types {

struct RollingUpdate {
  json::Value max_unavailable, max_surge;  // a number or a percentage
  std::optional<std::int32_t> partition;
  static json::Object json_fields();
};

struct UpdateStrategy {
  std::string type;
  std::optional<RollingUpdate> rolling_update;
  static json::Object json_fields();
};

struct WorkloadCondition {
  std::string type, status, reason, message, last_transition_time, last_update_time;
  static json::Object json_fields();
};

struct DeploymentSpec {
  std::optional<std::int32_t> replicas;  // empty: an autoscaler owns it
  LabelSelector selector;
  PodTemplateSpec template_;
  UpdateStrategy strategy;
  std::optional<std::int32_t> min_ready_seconds, revision_history_limit, progress_deadline_seconds;
  std::optional<bool> paused;
  static json::Object json_fields();
};

struct DeploymentStatus {
  std::int64_t observed_generation = 0;
  std::int32_t replicas = 0, updated_replicas = 0, ready_replicas = 0, available_replicas = 0, unavailable_replicas = 0;
  std::vector<WorkloadCondition> conditions;
  static json::Object json_fields();
};

struct Deployment {
  core::ObjectMeta metadata;
  DeploymentSpec spec;
  DeploymentStatus status;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

struct ClaimRetentionPolicy {
  std::string when_deleted, when_scaled;
  static json::Object json_fields();
};

struct StatefulSetSpec {
  std::optional<std::int32_t> replicas;
  LabelSelector selector;
  PodTemplateSpec template_;
  std::string service_name, pod_management_policy;
  UpdateStrategy update_strategy;
  std::vector<PersistentVolumeClaim> volume_claim_templates;
  std::optional<ClaimRetentionPolicy> persistent_volume_claim_retention_policy;
  std::optional<std::int32_t> min_ready_seconds, revision_history_limit;
  static json::Object json_fields();
};

struct StatefulSetStatus {
  std::int64_t observed_generation = 0;
  std::int32_t replicas = 0, updated_replicas = 0, ready_replicas = 0, available_replicas = 0, current_replicas = 0;
  std::string current_revision, update_revision;
  static json::Object json_fields();
};

struct StatefulSet {
  core::ObjectMeta metadata;
  StatefulSetSpec spec;
  StatefulSetStatus status;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
