#include "kube/types/apps.hpp"

namespace cadence::kube::types {

using json::field;

json::Object RollingUpdate::json_fields() {
  return {.name = "RollingUpdate",
          .fields = {field<&RollingUpdate::max_unavailable>("maxUnavailable"),
                     field<&RollingUpdate::max_surge>("maxSurge"), field<&RollingUpdate::partition>("partition")},
          .rules = {}};
}

json::Object UpdateStrategy::json_fields() {
  return {.name = "UpdateStrategy",
          .fields = {field<&UpdateStrategy::type>("type"), field<&UpdateStrategy::rolling_update>("rollingUpdate")},
          .rules = {}};
}

json::Object WorkloadCondition::json_fields() {
  using Condition = WorkloadCondition;
  return {.name = "WorkloadCondition",
          .fields = {field<&Condition::type>("type"), field<&Condition::status>("status"),
                     field<&Condition::reason>("reason"), field<&Condition::message>("message"),
                     field<&Condition::last_transition_time>("lastTransitionTime"),
                     field<&Condition::last_update_time>("lastUpdateTime")},
          .rules = {}};
}

json::Object DeploymentSpec::json_fields() {
  using Spec = DeploymentSpec;
  return {
      .name = "DeploymentSpec",
      .fields = {field<&Spec::replicas>("replicas"), field<&Spec::selector>("selector"),
                 field<&Spec::template_>("template"), field<&Spec::strategy>("strategy"),
                 field<&Spec::min_ready_seconds>("minReadySeconds"),
                 field<&Spec::revision_history_limit>("revisionHistoryLimit"),
                 field<&Spec::progress_deadline_seconds>("progressDeadlineSeconds"), field<&Spec::paused>("paused")},
      .rules = {}};
}

json::Object DeploymentStatus::json_fields() {
  using Status = DeploymentStatus;
  return {.name = "DeploymentStatus",
          .fields = {field<&Status::observed_generation>("observedGeneration").omit_zero(),
                     field<&Status::replicas>("replicas").omit_zero(),
                     field<&Status::updated_replicas>("updatedReplicas").omit_zero(),
                     field<&Status::ready_replicas>("readyReplicas").omit_zero(),
                     field<&Status::available_replicas>("availableReplicas").omit_zero(),
                     field<&Status::unavailable_replicas>("unavailableReplicas").omit_zero(),
                     field<&Status::conditions>("conditions")},
          .rules = {}};
}

const core::KindInfo& Deployment::kind_info() {
  static const core::KindInfo info{.group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments"};
  return info;
}

json::Object Deployment::json_fields() {
  return {.name = "Deployment",
          .fields = {field<&Deployment::metadata>("metadata"), field<&Deployment::spec>("spec"),
                     field<&Deployment::status>("status")},
          .rules = {}};
}

json::Object ClaimRetentionPolicy::json_fields() {
  return {.name = "ClaimRetentionPolicy",
          .fields = {field<&ClaimRetentionPolicy::when_deleted>("whenDeleted"),
                     field<&ClaimRetentionPolicy::when_scaled>("whenScaled")},
          .rules = {}};
}

json::Object StatefulSetSpec::json_fields() {
  using Spec = StatefulSetSpec;
  return {.name = "StatefulSetSpec",
          .fields = {field<&Spec::replicas>("replicas"), field<&Spec::selector>("selector"),
                     field<&Spec::template_>("template"), field<&Spec::service_name>("serviceName"),
                     field<&Spec::pod_management_policy>("podManagementPolicy"),
                     field<&Spec::update_strategy>("updateStrategy"),
                     field<&Spec::volume_claim_templates>("volumeClaimTemplates"),
                     field<&Spec::persistent_volume_claim_retention_policy>("persistentVolumeClaimRetentionPolicy"),
                     field<&Spec::min_ready_seconds>("minReadySeconds"),
                     field<&Spec::revision_history_limit>("revisionHistoryLimit")},
          .rules = {}};
}

json::Object StatefulSetStatus::json_fields() {
  using Status = StatefulSetStatus;
  return {.name = "StatefulSetStatus",
          .fields = {field<&Status::observed_generation>("observedGeneration").omit_zero(),
                     field<&Status::replicas>("replicas").omit_zero(),
                     field<&Status::updated_replicas>("updatedReplicas").omit_zero(),
                     field<&Status::ready_replicas>("readyReplicas").omit_zero(),
                     field<&Status::available_replicas>("availableReplicas").omit_zero(),
                     field<&Status::current_replicas>("currentReplicas").omit_zero(),
                     field<&Status::current_revision>("currentRevision"),
                     field<&Status::update_revision>("updateRevision")},
          .rules = {}};
}

const core::KindInfo& StatefulSet::kind_info() {
  static const core::KindInfo info{.group = "apps", .version = "v1", .kind = "StatefulSet", .plural = "statefulsets"};
  return info;
}

json::Object StatefulSet::json_fields() {
  return {.name = "StatefulSet",
          .fields = {field<&StatefulSet::metadata>("metadata"), field<&StatefulSet::spec>("spec"),
                     field<&StatefulSet::status>("status")},
          .rules = {}};
}

}  // namespace cadence::kube::types
