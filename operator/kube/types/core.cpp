#include "kube/types/core.hpp"

namespace cadence::kube::types {

using json::field;

json::Object LabelSelector::json_fields() {
  return {.name = "LabelSelector",
          .fields = {field<&LabelSelector::match_labels>("matchLabels"),
                     field<&LabelSelector::match_expressions>("matchExpressions")},
          .rules = {}};
}

json::Object ServicePort::json_fields() {
  return {.name = "ServicePort",
          .fields = {field<&ServicePort::name>("name"), field<&ServicePort::port>("port"),
                     field<&ServicePort::target_port>("targetPort"), field<&ServicePort::protocol>("protocol"),
                     field<&ServicePort::node_port>("nodePort").omit_zero()},
          .rules = {}};
}

json::Object ServiceSpec::json_fields() {
  return {.name = "ServiceSpec",
          .fields = {field<&ServiceSpec::type>("type"), field<&ServiceSpec::cluster_ip>("clusterIP"),
                     field<&ServiceSpec::selector>("selector"), field<&ServiceSpec::ports>("ports"),
                     field<&ServiceSpec::publish_not_ready_addresses>("publishNotReadyAddresses"),
                     field<&ServiceSpec::load_balancer_source_ranges>("loadBalancerSourceRanges"),
                     field<&ServiceSpec::external_traffic_policy>("externalTrafficPolicy"),
                     field<&ServiceSpec::external_ips>("externalIPs"),
                     field<&ServiceSpec::internal_traffic_policy>("internalTrafficPolicy"),
                     field<&ServiceSpec::traffic_distribution>("trafficDistribution"),
                     field<&ServiceSpec::session_affinity>("sessionAffinity"),
                     field<&ServiceSpec::session_affinity_config>("sessionAffinityConfig")},
          .rules = {}};
}

json::Object ServiceStatus::json_fields() {
  return {.name = "ServiceStatus", .fields = {field<&ServiceStatus::load_balancer>("loadBalancer")}, .rules = {}};
}

const core::KindInfo& Service::kind_info() {
  static const core::KindInfo info{.group = "", .version = "v1", .kind = "Service", .plural = "services"};
  return info;
}

json::Object Service::json_fields() {
  return {.name = "Service",
          .fields = {field<&Service::metadata>("metadata"), field<&Service::spec>("spec"),
                     field<&Service::status>("status")},
          .rules = {}};
}

const core::KindInfo& Secret::kind_info() {
  static const core::KindInfo info{.group = "", .version = "v1", .kind = "Secret", .plural = "secrets"};
  return info;
}

json::Object Secret::json_fields() {
  return {.name = "Secret",
          .fields = {field<&Secret::metadata>("metadata"), field<&Secret::type>("type"), field<&Secret::data>("data"),
                     field<&Secret::immutable>("immutable")},
          .rules = {}};
}

const core::KindInfo& ConfigMap::kind_info() {
  static const core::KindInfo info{.group = "", .version = "v1", .kind = "ConfigMap", .plural = "configmaps"};
  return info;
}

json::Object ConfigMap::json_fields() {
  return {.name = "ConfigMap",
          .fields = {field<&ConfigMap::metadata>("metadata"), field<&ConfigMap::data>("data")},
          .rules = {}};
}

json::Object VolumeResources::json_fields() {
  return {.name = "VolumeResources", .fields = {field<&VolumeResources::requests>("requests")}, .rules = {}};
}

json::Object PersistentVolumeClaimSpec::json_fields() {
  using Spec = PersistentVolumeClaimSpec;
  return {.name = "PersistentVolumeClaimSpec",
          .fields = {field<&Spec::access_modes>("accessModes"), field<&Spec::resources>("resources"),
                     field<&Spec::storage_class_name>("storageClassName"), field<&Spec::volume_mode>("volumeMode"),
                     field<&Spec::volume_name>("volumeName")},
          .rules = {}};
}

json::Object PersistentVolumeClaimStatus::json_fields() {
  using Status = PersistentVolumeClaimStatus;
  return {.name = "PersistentVolumeClaimStatus",
          .fields = {field<&Status::phase>("phase"), field<&Status::capacity>("capacity")},
          .rules = {}};
}

const core::KindInfo& PersistentVolumeClaim::kind_info() {
  static const core::KindInfo info{
      .group = "", .version = "v1", .kind = "PersistentVolumeClaim", .plural = "persistentvolumeclaims"};
  return info;
}

json::Object PersistentVolumeClaim::json_fields() {
  using Claim = PersistentVolumeClaim;
  return {.name = "PersistentVolumeClaim",
          .fields = {field<&Claim::metadata>("metadata"), field<&Claim::spec>("spec"), field<&Claim::status>("status")},
          .rules = {}};
}

const core::KindInfo& ServiceAccount::kind_info() {
  static const core::KindInfo info{.group = "", .version = "v1", .kind = "ServiceAccount", .plural = "serviceaccounts"};
  return info;
}

json::Object ServiceAccount::json_fields() {
  return {.name = "ServiceAccount",
          .fields = {field<&ServiceAccount::metadata>("metadata"),
                     field<&ServiceAccount::automount_service_account_token>("automountServiceAccountToken")},
          .rules = {}};
}

}  // namespace cadence::kube::types
