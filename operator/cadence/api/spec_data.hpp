// Redis' and PostgreSQL's part of the spec.
#pragma once

#include "cadence/api/spec_webhook.hpp"

namespace cadence::api {

struct RedisStorage {
  std::string size = "8Gi";
  std::string storage_class_name;  // empty: the cluster's default class
  static json::Object json_fields();
};

struct RedisSpec {
  std::int32_t shards = 3;
  std::int32_t replicas_per_shard = 1;
  std::string max_memory = "2Gi";
  std::string max_memory_policy = "volatile-lru";
  std::string persistence = "AppendOnly";
  std::string node_timeout = "3s";
  RedisStorage storage;
  ResourceRequirements resources;
  std::vector<std::int32_t> accept_data_loss;
  std::map<std::string, std::string> config;
  static json::Object json_fields();
};

struct Synchronous {
  std::string mode = "Required";  // Off | Preferred | Required
  std::int32_t number = 1;
  static json::Object json_fields();
};

struct AutoGrow {
  std::int32_t threshold_percent = 80;
  std::string step = "10Gi", limit = "1Ti";
  static json::Object json_fields();
};

struct PostgresStorage {
  std::string size = "20Gi";
  std::string wal_size;            // empty: WAL lies on the data volume
  std::string storage_class_name;  // empty: the cluster's default class
  std::optional<AutoGrow> auto_grow;
  static json::Object json_fields();
};

struct LeaseTiming {
  std::string duration = "9s", renew = "2s";
  static json::Object json_fields();
};

struct PostgresSpec {
  std::int32_t instances = 3;
  Synchronous synchronous;
  PostgresStorage storage;
  std::map<std::string, std::string> parameters;
  std::string switchover_to;
  std::vector<std::string> fenced;
  LeaseTiming lease;
  ResourceRequirements resources;
  static json::Object json_fields();
};

// Settings that the operator or the agent owns, with the reason: refused in spec.redis.config. PostgreSQL's are
// postgres::owned_parameters().
const std::map<std::string, std::string>& owned_redis_settings();

}  // namespace cadence::api
