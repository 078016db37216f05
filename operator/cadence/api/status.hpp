// What the operator reports. Only operator/cadence/status writes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "json/fields.hpp"
#include "kube/core/meta.hpp"

namespace cadence::api {

struct WebhookStatus {
  std::int32_t replicas = 0, ready_replicas = 0, updated_replicas = 0;
  std::string selector, version;
  std::string summary;  // "2/3", ready of wanted
  static json::Object json_fields();
};

struct RedisShardStatus {
  std::int32_t index = 0;
  std::string master;
  std::vector<std::string> replicas;
  std::int32_t slots = 0;
  static json::Object json_fields();
};

struct RedisStatus {
  bool formed = false;  // set once, never cleared: a formed cluster is not formed again over lost data
  std::int32_t slots_owned = 0;
  std::vector<RedisShardStatus> shards;
  std::string operation, summary;
  static json::Object json_fields();
};

struct PostgresInstanceStatus {
  std::string name, role, state, lsn, node;
  std::optional<std::int64_t> lag;
  static json::Object json_fields();
};

struct LastFailover {
  std::string at, from, to, reason, duration;
  static json::Object json_fields();
};

struct PostgresStatus {
  std::string primary;
  std::optional<std::int64_t> term, timeline;
  std::vector<PostgresInstanceStatus> instances;
  std::optional<LastFailover> last_failover;
  std::string synchronous;
  static json::Object json_fields();
};

struct LoadBalancerStatus {
  std::int32_t replicas = 0, ready_replicas = 0, servers = 0;
  std::string summary;
  static json::Object json_fields();
};

struct BackupStatus {
  std::string last_successful, last_verified, first_recoverable, last_recoverable, next;
  static json::Object json_fields();
};

struct CadenceClusterStatus {
  std::int64_t observed_generation = 0;
  std::string operator_version;  // that last carried the whole spec out
  std::vector<kube::core::Condition> conditions;
  std::string endpoint;
  WebhookStatus webhook;
  RedisStatus redis;
  PostgresStatus postgres;
  LoadBalancerStatus load_balancer;
  BackupStatus backup;
  static json::Object json_fields();
};

}  // namespace cadence::api
