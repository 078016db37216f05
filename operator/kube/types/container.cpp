#include "kube/types/container.hpp"

namespace cadence::kube::types {

using json::field;

json::Object KeySelector::json_fields() {
  return {.name = "KeySelector",
          .fields = {field<&KeySelector::name>("name"), field<&KeySelector::key>("key"),
                     field<&KeySelector::optional>("optional")},
          .rules = {}};
}

json::Object ObjectFieldSelector::json_fields() {
  return {.name = "ObjectFieldSelector", .fields = {field<&ObjectFieldSelector::field_path>("fieldPath")}, .rules = {}};
}

json::Object EnvVarSource::json_fields() {
  return {.name = "EnvVarSource",
          .fields = {field<&EnvVarSource::secret_key_ref>("secretKeyRef"),
                     field<&EnvVarSource::config_map_key_ref>("configMapKeyRef"),
                     field<&EnvVarSource::field_ref>("fieldRef")},
          .rules = {}};
}

json::Object EnvVar::json_fields() {
  return {
      .name = "EnvVar",
      .fields = {field<&EnvVar::name>("name"), field<&EnvVar::value>("value"), field<&EnvVar::value_from>("valueFrom")},
      .rules = {}};
}

json::Object ContainerPort::json_fields() {
  return {.name = "ContainerPort",
          .fields = {field<&ContainerPort::name>("name"), field<&ContainerPort::container_port>("containerPort"),
                     field<&ContainerPort::protocol>("protocol")},
          .rules = {}};
}

json::Object VolumeMount::json_fields() {
  return {.name = "VolumeMount",
          .fields = {field<&VolumeMount::name>("name"), field<&VolumeMount::mount_path>("mountPath"),
                     field<&VolumeMount::sub_path>("subPath"), field<&VolumeMount::read_only>("readOnly")},
          .rules = {}};
}

json::Object HttpHeader::json_fields() {
  return {.name = "HttpHeader",
          .fields = {field<&HttpHeader::name>("name"), field<&HttpHeader::value>("value")},
          .rules = {}};
}

json::Object HttpGetAction::json_fields() {
  return {.name = "HttpGetAction",
          .fields = {field<&HttpGetAction::path>("path"), field<&HttpGetAction::port>("port"),
                     field<&HttpGetAction::scheme>("scheme"), field<&HttpGetAction::http_headers>("httpHeaders")},
          .rules = {}};
}

json::Object ExecAction::json_fields() {
  return {.name = "ExecAction", .fields = {field<&ExecAction::command>("command")}, .rules = {}};
}

json::Object TcpSocketAction::json_fields() {
  return {.name = "TcpSocketAction", .fields = {field<&TcpSocketAction::port>("port")}, .rules = {}};
}

json::Object Probe::json_fields() {
  return {
      .name = "Probe",
      .fields = {field<&Probe::http_get>("httpGet"), field<&Probe::exec>("exec"),
                 field<&Probe::tcp_socket>("tcpSocket"), field<&Probe::initial_delay_seconds>("initialDelaySeconds"),
                 field<&Probe::period_seconds>("periodSeconds"), field<&Probe::timeout_seconds>("timeoutSeconds"),
                 field<&Probe::failure_threshold>("failureThreshold"),
                 field<&Probe::success_threshold>("successThreshold")},
      .rules = {}};
}

json::Object LifecycleHandler::json_fields() {
  return {.name = "LifecycleHandler",
          .fields = {field<&LifecycleHandler::exec>("exec"), field<&LifecycleHandler::http_get>("httpGet")},
          .rules = {}};
}

json::Object Lifecycle::json_fields() {
  return {.name = "Lifecycle",
          .fields = {field<&Lifecycle::pre_stop>("preStop"), field<&Lifecycle::post_start>("postStart")},
          .rules = {}};
}

json::Object Capabilities::json_fields() {
  return {.name = "Capabilities",
          .fields = {field<&Capabilities::add>("add"), field<&Capabilities::drop>("drop")},
          .rules = {}};
}

json::Object SeccompProfile::json_fields() {
  return {.name = "SeccompProfile", .fields = {field<&SeccompProfile::type>("type")}, .rules = {}};
}

json::Object SecurityContext::json_fields() {
  return {
      .name = "SecurityContext",
      .fields = {field<&SecurityContext::allow_privilege_escalation>("allowPrivilegeEscalation"),
                 field<&SecurityContext::read_only_root_filesystem>("readOnlyRootFilesystem"),
                 field<&SecurityContext::run_as_non_root>("runAsNonRoot"),
                 field<&SecurityContext::privileged>("privileged"), field<&SecurityContext::run_as_user>("runAsUser"),
                 field<&SecurityContext::run_as_group>("runAsGroup"),
                 field<&SecurityContext::capabilities>("capabilities"),
                 field<&SecurityContext::seccomp_profile>("seccompProfile")},
      .rules = {}};
}

json::Object Container::json_fields() {
  return {
      .name = "Container",
      .fields = {field<&Container::name>("name"), field<&Container::image>("image"),
                 field<&Container::image_pull_policy>("imagePullPolicy"), field<&Container::command>("command"),
                 field<&Container::args>("args"), field<&Container::env>("env"), field<&Container::ports>("ports"),
                 field<&Container::volume_mounts>("volumeMounts"), field<&Container::resources>("resources"),
                 field<&Container::startup_probe>("startupProbe"), field<&Container::liveness_probe>("livenessProbe"),
                 field<&Container::readiness_probe>("readinessProbe"), field<&Container::lifecycle>("lifecycle"),
                 field<&Container::security_context>("securityContext"),
                 field<&Container::restart_policy>("restartPolicy")},
      .rules = {}};
}

}  // namespace cadence::kube::types
