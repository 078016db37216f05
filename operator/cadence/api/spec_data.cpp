#include "cadence/api/spec_data.hpp"

#include "cadence/api/patterns.hpp"
#include "postgres/rules/settings.hpp"

namespace cadence::api {

using json::field;

namespace {

// "!self.exists(k, k in ['a','b'])" for a map whose keys may not be any of `owned`.
std::string no_key_of(const std::map<std::string, std::string>& owned) {
  std::string list;
  for (const auto& [key, reason] : owned) list += (list.empty() ? "'" : ",'") + key + "'";
  return "!self.exists(k, k in [" + list + "])";
}

std::string owned_message(const std::map<std::string, std::string>& owned) {
  std::string list;
  for (const auto& [key, reason] : owned) list += (list.empty() ? "" : ", ") + key;
  return "the operator owns these settings, remove them: " + list;
}

constexpr const char* kNoShrinkRule = "quantity(self).compareTo(quantity(oldSelf)) >= 0";
constexpr const char* kWalSizeRule =
    "oldSelf == '' || (self != '' && quantity(self).compareTo(quantity(oldSelf)) >= 0)";
constexpr const char* kWalSizeMessage =
    "the WAL volume cannot shrink and cannot be taken away: give a size at least as large as before";
constexpr const char* kSameClassRule = "self == oldSelf";
constexpr const char* kSameClassMessage =
    "the storage class cannot change, because volumes keep the one they were made with: leave it as it was";
constexpr const char* kNoShrinkMessage = "storage cannot shrink: give a size at least as large as before";

}  // namespace

const std::map<std::string, std::string>& owned_redis_settings() {
  static const std::map<std::string, std::string> owned{
      {"aclfile", "the agent writes it"},
      {"appendonly", "spec.redis.persistence says it"},
      {"bind", "the pod's network owns it"},
      {"cluster-announce-hostname", "the pod's name"},
      {"cluster-announce-ip", "the pod's address"},
      {"cluster-config-file", "lies on the volume"},
      {"cluster-enabled", "always on"},
      {"cluster-node-timeout", "spec.redis.nodeTimeout says it"},
      {"dir", "the volume's place"},
      {"daemonize", "the agent is its parent"},
      {"enable-debug-command", "it would undo persistence"},
      {"enable-module-command", "modules are not loaded"},
      {"enable-protected-configs", "the agent owns protected settings"},
      {"include", "the agent writes the files"},
      {"loadmodule", "modules are not loaded"},
      {"masterauth", "generated"},
      {"masteruser", "generated"},
      {"maxmemory", "spec.redis.maxMemory says it"},
      {"maxmemory-policy", "spec.redis.maxMemoryPolicy says it"},
      {"port", "Services point to 6379"},
      {"protected-mode", "access is by password"},
      {"rename-command", "the operator needs the commands"},
      {"replicaof", "the cluster decides it"},
      {"requirepass", "generated"},
      {"slaveof", "the cluster decides it"},
      {"unixsocket", "the agent connects there"},
      {"user", "users come from the generated Secret"},
  };
  return owned;
}

json::Object RedisStorage::json_fields() {
  return {.name = "RedisStorage",
          .fields = {field<&RedisStorage::size>("size", "Size of a node's volume; it may grow.")
                         .length(1, 32)
                         .pattern(kSizePattern)
                         .rule(kNoShrinkRule, kNoShrinkMessage),
                     field<&RedisStorage::storage_class_name>("storageClassName", "Empty: the default class.")
                         .length(0, 253)
                         .pattern(kNamePattern)
                         .rule(kSameClassRule, kSameClassMessage)},
          .rules = {}};
}

json::Object RedisSpec::json_fields() {
  return {
      .name = "RedisSpec",
      .fields = {field<&RedisSpec::shards>("shards", "Masters that share the 16384 slots. 1 has no automatic failover.")
                     .range(1, 100)
                     .rule("self == 1 || self >= 3", "two shards cannot elect a new master: use 1, or 3 and more"),
                 field<&RedisSpec::replicas_per_shard>("replicasPerShard", "Copies of each master.").range(0, 4),
                 field<&RedisSpec::max_memory>("maxMemory", "Memory for data in each node.")
                     .length(1, 32)
                     .pattern(kSizePattern),
                 field<&RedisSpec::max_memory_policy>("maxMemoryPolicy", "What to evict when memory is full.")
                     .one_of({"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru",
                              "volatile-lfu", "volatile-random", "volatile-ttl"})
                     .length(1, 32),
                 field<&RedisSpec::persistence>("persistence", "AppendOnly logs every write to the volume.")
                     .one_of({"AppendOnly", "None"})
                     .length(1, 16),
                 field<&RedisSpec::node_timeout>("nodeTimeout", "Silence after which a node is suspected.")
                     .length(1, 32)
                     .pattern(kDurationPattern),
                 field<&RedisSpec::storage>("storage", "Volumes."),
                 field<&RedisSpec::resources>("resources", "Requests and limits."),
                 field<&RedisSpec::accept_data_loss>("acceptDataLoss",
                                                     "Shards whose data is known to be gone and may be started empty.")
                     .items(0, 100),
                 field<&RedisSpec::config>("config", "Further redis.conf settings.")
                     .items(0, 100)
                     .rule(no_key_of(owned_redis_settings()), owned_message(owned_redis_settings()))},
      .rules = {}};
}

json::Object Synchronous::json_fields() {
  return {
      .name = "Synchronous",
      .fields = {field<&Synchronous::mode>(
                     "mode", "Required waits for standbys always, Preferred while there are any, Off never.")
                     .one_of({"Off", "Preferred", "Required"})
                     .length(1, 16),
                 field<&Synchronous::number>("number", "Standbys that must have a commit before it is acknowledged.")
                     .range(1, 8)},
      .rules = {}};
}

json::Object AutoGrow::json_fields() {
  return {.name = "AutoGrow",
          .fields =
              {field<&AutoGrow::threshold_percent>("thresholdPercent", "Use at which the volume grows.").range(50, 99),
               field<&AutoGrow::step>("step", "By how much.").length(1, 32).pattern(kSizePattern),
               field<&AutoGrow::limit>("limit", "Never beyond.").length(1, 32).pattern(kSizePattern)},
          .rules = {}};
}

json::Object PostgresStorage::json_fields() {
  return {.name = "PostgresStorage",
          .fields = {field<&PostgresStorage::size>("size", "Size of an instance's volume; it may grow.")
                         .length(1, 32)
                         .pattern(kSizePattern)
                         .rule(kNoShrinkRule, kNoShrinkMessage),
                     field<&PostgresStorage::wal_size>("walSize",
                                                       "Size of a volume of its own for WAL; it may be added later, "
                                                       "and grow. Empty: WAL lies on the data volume.")
                         .length(0, 32)
                         .pattern("^([0-9]+(\\.[0-9]+)?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)?$")
                         .rule(kWalSizeRule, kWalSizeMessage),
                     field<&PostgresStorage::storage_class_name>(
                         "storageClassName", "Of the data's and the log's volumes. Empty: the default class.")
                         .length(0, 253)
                         .pattern(kNamePattern)
                         .rule(kSameClassRule, kSameClassMessage),
                     field<&PostgresStorage::auto_grow>("autoGrow", "Grow the volume before it is full.")},
          .rules = {}};
}

json::Object LeaseTiming::json_fields() {
  return {
      .name = "LeaseTiming",
      .fields =
          {field<&LeaseTiming::duration>("duration", "Silence after which the primary has lost its Lease.")
               .length(1, 32)
               .pattern(kDurationPattern),
           field<&LeaseTiming::renew>("renew", "Time between two renewals.").length(1, 32).pattern(kDurationPattern)},
      .rules = {
          {"duration(self.duration) >= duration('4s') && duration(self.duration) >= duration(self.renew) + "
           "duration(self.renew) + duration(self.renew) + duration(self.renew)",
           "duration must be at least 4s and four times renew, so that a lost renewal or two do not lose the Lease",
           ""}}};
}

json::Object PostgresSpec::json_fields() {
  return {.name = "PostgresSpec",
          .fields = {field<&PostgresSpec::instances>("instances", "One primary, the rest standbys.").range(1, 9),
                     field<&PostgresSpec::synchronous>("synchronous", "When a commit counts as safe."),
                     field<&PostgresSpec::storage>("storage", "Volumes."),
                     field<&PostgresSpec::parameters>("parameters", "Further postgresql.conf parameters.")
                         .items(0, 200)
                         .rule(no_key_of(postgres::owned_parameters()), owned_message(postgres::owned_parameters())),
                     field<&PostgresSpec::switchover_to>("switchoverTo", "An instance's name: planned switchover.")
                         .length(0, 253)
                         .pattern(kNamePattern),
                     field<&PostgresSpec::fenced>("fenced", "Instances to keep stopped.").items(0, 9),
                     field<&PostgresSpec::lease>("lease", "Timing of the primary's Lease."),
                     field<&PostgresSpec::resources>("resources", "Requests and limits.")},
          .rules = {{"self.synchronous.mode != 'Required' || self.instances > self.synchronous.number",
                     "synchronous.mode Required needs more instances than synchronous.number: add instances, or set "
                     "mode to Preferred or Off",
                     ""}}};
}

}  // namespace cadence::api
