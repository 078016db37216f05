// Backups, monitoring, regions and what concerns every pod.
#pragma once

#include "cadence/api/spec_webhook.hpp"

namespace cadence::api {

struct VolumeDestination {
  std::string size = "20Gi";
  std::string storage_class_name;
  static json::Object json_fields();
};

struct S3Destination {
  std::string endpoint, bucket, prefix, region, credentials_secret_ref, ca_secret_ref;
  static json::Object json_fields();
};

struct BackupDestination {
  std::optional<VolumeDestination> persistent_volume_claim;
  std::optional<S3Destination> s3;
  static json::Object json_fields();
};

struct BackupRetention {
  std::int32_t keep_daily = 7, keep_weekly = 4, keep_monthly = 6;
  static json::Object json_fields();
};

struct BackupVerify {
  std::string schedule = "0 4 * * 0";
  static json::Object json_fields();
};

struct Encryption {
  std::string recipients_secret_ref;
  static json::Object json_fields();
};

struct BackupSpec {
  std::string schedule = "0 2 * * *";
  std::string time_zone = "UTC";
  BackupDestination destination;
  std::vector<std::string> components;  // empty: Postgres and Redis
  BackupRetention retention;
  bool point_in_time = true;
  BackupVerify verify;
  std::optional<Encryption> encryption;
  static json::Object json_fields();
};

struct MonitoringSpec {
  bool enabled = true;
  std::map<std::string, std::string> labels;
  std::vector<std::string> namespaces{"monitoring"};
  bool dashboards = true;
  static json::Object json_fields();
};

struct RegionSpec {
  std::string name, primary, promotion_token;
  std::vector<json::Value> peers;
  json::Value dns, failover;
  static json::Object json_fields();
};

struct PodTemplate {
  std::map<std::string, std::string> labels, annotations, node_selector;
  std::vector<json::Value> tolerations;
  json::Value affinity;
  std::vector<json::Value> topology_spread_constraints;
  std::string priority_class_name;
  static json::Object json_fields();
};

}  // namespace cadence::api
