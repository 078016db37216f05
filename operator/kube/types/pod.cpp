#include "kube/types/pod.hpp"

namespace cadence::kube::types {

using json::field;

json::Object EmptyDirSource::json_fields() {
  return {.name = "EmptyDirSource",
          .fields = {field<&EmptyDirSource::medium>("medium"), field<&EmptyDirSource::size_limit>("sizeLimit")},
          .rules = {}};
}

json::Object KeyToPath::json_fields() {
  return {.name = "KeyToPath",
          .fields = {field<&KeyToPath::key>("key"), field<&KeyToPath::path>("path"), field<&KeyToPath::mode>("mode")},
          .rules = {}};
}

json::Object SecretSource::json_fields() {
  return {.name = "SecretSource",
          .fields = {field<&SecretSource::secret_name>("secretName"), field<&SecretSource::items>("items"),
                     field<&SecretSource::default_mode>("defaultMode"), field<&SecretSource::optional>("optional")},
          .rules = {}};
}

json::Object ConfigMapSource::json_fields() {
  return {
      .name = "ConfigMapSource",
      .fields = {field<&ConfigMapSource::name>("name"), field<&ConfigMapSource::items>("items"),
                 field<&ConfigMapSource::default_mode>("defaultMode"), field<&ConfigMapSource::optional>("optional")},
      .rules = {}};
}

json::Object ClaimSource::json_fields() {
  return {.name = "ClaimSource",
          .fields = {field<&ClaimSource::claim_name>("claimName"), field<&ClaimSource::read_only>("readOnly")},
          .rules = {}};
}

json::Object ProjectedReference::json_fields() {
  return {.name = "ProjectedReference",
          .fields = {field<&ProjectedReference::name>("name"), field<&ProjectedReference::items>("items"),
                     field<&ProjectedReference::optional>("optional")},
          .rules = {}};
}

json::Object VolumeProjection::json_fields() {
  return {.name = "VolumeProjection",
          .fields = {field<&VolumeProjection::secret>("secret"), field<&VolumeProjection::config_map>("configMap"),
                     field<&VolumeProjection::service_account_token>("serviceAccountToken")},
          .rules = {}};
}

json::Object ProjectedSource::json_fields() {
  return {.name = "ProjectedSource",
          .fields = {field<&ProjectedSource::sources>("sources"), field<&ProjectedSource::default_mode>("defaultMode")},
          .rules = {}};
}

json::Object Volume::json_fields() {
  return {.name = "Volume",
          .fields = {field<&Volume::name>("name"), field<&Volume::empty_dir>("emptyDir"),
                     field<&Volume::secret>("secret"), field<&Volume::config_map>("configMap"),
                     field<&Volume::persistent_volume_claim>("persistentVolumeClaim"),
                     field<&Volume::projected>("projected")},
          .rules = {}};
}

json::Object PodSecurityContext::json_fields() {
  return {.name = "PodSecurityContext",
          .fields = {field<&PodSecurityContext::run_as_non_root>("runAsNonRoot"),
                     field<&PodSecurityContext::run_as_user>("runAsUser"),
                     field<&PodSecurityContext::run_as_group>("runAsGroup"),
                     field<&PodSecurityContext::fs_group>("fsGroup"),
                     field<&PodSecurityContext::fs_group_change_policy>("fsGroupChangePolicy"),
                     field<&PodSecurityContext::seccomp_profile>("seccompProfile")},
          .rules = {}};
}

json::Object PodSpec::json_fields() {
  return {.name = "PodSpec",
          .fields = {field<&PodSpec::init_containers>("initContainers"), field<&PodSpec::containers>("containers"),
                     field<&PodSpec::volumes>("volumes"), field<&PodSpec::security_context>("securityContext"),
                     field<&PodSpec::affinity>("affinity"),
                     field<&PodSpec::topology_spread_constraints>("topologySpreadConstraints"),
                     field<&PodSpec::tolerations>("tolerations"), field<&PodSpec::node_selector>("nodeSelector"),
                     field<&PodSpec::service_account_name>("serviceAccountName"),
                     field<&PodSpec::automount_service_account_token>("automountServiceAccountToken"),
                     field<&PodSpec::enable_service_links>("enableServiceLinks"),
                     field<&PodSpec::termination_grace_period_seconds>("terminationGracePeriodSeconds"),
                     field<&PodSpec::hostname>("hostname"), field<&PodSpec::subdomain>("subdomain"),
                     field<&PodSpec::priority_class_name>("priorityClassName"),
                     field<&PodSpec::restart_policy>("restartPolicy"), field<&PodSpec::node_name>("nodeName")},
          .rules = {}};
}

json::Object PodTemplateSpec::json_fields() {
  return {.name = "PodTemplateSpec",
          .fields = {field<&PodTemplateSpec::metadata>("metadata"), field<&PodTemplateSpec::spec>("spec")},
          .rules = {}};
}

json::Object ContainerStateTerminated::json_fields() {
  return {.name = "ContainerStateTerminated",
          .fields = {field<&ContainerStateTerminated::exit_code>("exitCode"),
                     field<&ContainerStateTerminated::reason>("reason"),
                     field<&ContainerStateTerminated::message>("message")},
          .rules = {}};
}

json::Object ContainerStateWaiting::json_fields() {
  return {
      .name = "ContainerStateWaiting",
      .fields = {field<&ContainerStateWaiting::reason>("reason"), field<&ContainerStateWaiting::message>("message")},
      .rules = {}};
}

json::Object ContainerStateRunning::json_fields() {
  return {
      .name = "ContainerStateRunning", .fields = {field<&ContainerStateRunning::started_at>("startedAt")}, .rules = {}};
}

json::Object ContainerState::json_fields() {
  return {.name = "ContainerState",
          .fields = {field<&ContainerState::waiting>("waiting"), field<&ContainerState::running>("running"),
                     field<&ContainerState::terminated>("terminated")},
          .rules = {}};
}

json::Object ContainerStatus::json_fields() {
  return {
      .name = "ContainerStatus",
      .fields = {field<&ContainerStatus::name>("name"), field<&ContainerStatus::image>("image"),
                 field<&ContainerStatus::image_id>("imageID"), field<&ContainerStatus::ready>("ready"),
                 field<&ContainerStatus::started>("started"), field<&ContainerStatus::restart_count>("restartCount"),
                 field<&ContainerStatus::state>("state"), field<&ContainerStatus::last_state>("lastState")},
      .rules = {}};
}

json::Object PodCondition::json_fields() {
  return {.name = "PodCondition",
          .fields = {field<&PodCondition::type>("type"), field<&PodCondition::status>("status"),
                     field<&PodCondition::reason>("reason"), field<&PodCondition::message>("message"),
                     field<&PodCondition::last_transition_time>("lastTransitionTime")},
          .rules = {}};
}

json::Object PodStatus::json_fields() {
  return {.name = "PodStatus",
          .fields = {field<&PodStatus::phase>("phase"), field<&PodStatus::pod_ip>("podIP"),
                     field<&PodStatus::host_ip>("hostIP"), field<&PodStatus::reason>("reason"),
                     field<&PodStatus::message>("message"), field<&PodStatus::start_time>("startTime"),
                     field<&PodStatus::conditions>("conditions"),
                     field<&PodStatus::container_statuses>("containerStatuses"),
                     field<&PodStatus::init_container_statuses>("initContainerStatuses")},
          .rules = {}};
}

const core::KindInfo& Pod::kind_info() {
  static const core::KindInfo info{.group = "", .version = "v1", .kind = "Pod", .plural = "pods"};
  return info;
}

json::Object Pod::json_fields() {
  return {.name = "Pod",
          .fields = {field<&Pod::metadata>("metadata"), field<&Pod::spec>("spec"), field<&Pod::status>("status")},
          .rules = {}};
}

bool is_ready(const Pod& pod) {
  if (!pod.metadata.deletion_timestamp.empty()) return false;
  for (const auto& condition : pod.status.conditions) {
    if (condition.type == "Ready") return condition.status == "True";
  }
  return false;
}

}  // namespace cadence::kube::types
