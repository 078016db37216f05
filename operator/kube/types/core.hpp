// The other kinds of the core group that we touch: Service, Secret, ConfigMap, PersistentVolumeClaim, ServiceAccount.
// Only the fields we set or read. Secret data is base64, as on the wire.
#pragma once

#include "kube/types/pod.hpp"

namespace cadence::kube::types {

struct LabelSelector {
  std::map<std::string, std::string> match_labels;
  std::vector<json::Value> match_expressions;
  static json::Object json_fields();
};

struct ServicePort {
  std::string name;
  std::int32_t port = 0;
  json::Value target_port;
  std::string protocol = "TCP";  // said always: it is part of the list's key
  std::int32_t node_port = 0;
  static json::Object json_fields();
};

struct ServiceSpec {
  std::string type, cluster_ip;  // cluster_ip "None": headless
  std::map<std::string, std::string> selector;
  std::vector<ServicePort> ports;
  std::optional<bool> publish_not_ready_addresses;
  std::vector<std::string> load_balancer_source_ranges, external_ips;
  std::string external_traffic_policy, internal_traffic_policy, session_affinity, traffic_distribution;
  json::Value session_affinity_config;
  static json::Object json_fields();
};

struct ServiceStatus {
  json::Value load_balancer;
  static json::Object json_fields();
};

struct Service {
  core::ObjectMeta metadata;
  ServiceSpec spec;
  ServiceStatus status;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

struct Secret {
  core::ObjectMeta metadata;
  std::string type;
  std::map<std::string, std::string> data;  // base64
  std::optional<bool> immutable;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

struct ConfigMap {
  core::ObjectMeta metadata;
  std::map<std::string, std::string> data;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

struct VolumeResources {
  std::map<std::string, json::Quantity> requests;
  static json::Object json_fields();
};

struct PersistentVolumeClaimSpec {
  std::vector<std::string> access_modes;
  VolumeResources resources;
  std::optional<std::string> storage_class_name;
  std::string volume_mode, volume_name;
  static json::Object json_fields();
};

struct PersistentVolumeClaimStatus {
  std::string phase;
  std::map<std::string, json::Quantity> capacity;
  static json::Object json_fields();
};

struct PersistentVolumeClaim {
  core::ObjectMeta metadata;
  PersistentVolumeClaimSpec spec;
  PersistentVolumeClaimStatus status;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

struct ServiceAccount {
  core::ObjectMeta metadata;
  std::optional<bool> automount_service_account_token;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
