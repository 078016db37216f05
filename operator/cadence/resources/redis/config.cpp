#include <algorithm>
#include <cctype>

#include "base/quantity.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/redis/redis.hpp"

namespace cadence::resources {
namespace {

// One line of redis.conf: a line break in a value must not become a setting of its own.
std::string one_line(std::string value) {
  std::replace_if(
      value.begin(), value.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  return value.empty() ? "\"\"" : value;
}

bool is_setting_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
  });
}

std::map<std::string, std::string> base_settings(const api::RedisSpec& redis) {
  const auto timeout = base::parse_duration(redis.node_timeout);
  const auto memory = base::parse_bytes(redis.max_memory);
  const bool keeps_data = redis.persistence == "AppendOnly";
  return {{"aof-load-truncated", "yes"},
          {"aof-use-rdb-preamble", "yes"},
          {"appendfsync", "everysec"},
          {"appendonly", keeps_data ? "yes" : "no"},
          {"client-output-buffer-limit", "replica 256mb 64mb 60"},
          {"cluster-allow-reads-when-down", "no"},
          {"cluster-allow-replica-migration", "no"},
          {"cluster-enabled", "yes"},
          {"cluster-node-timeout", std::to_string(timeout ? timeout->count() : 3000)},
          {"cluster-replica-validity-factor", "0"},
          // A lost shard must not take the others with it.
          {"cluster-require-full-coverage", "no"},
          {"maxmemory", std::to_string(memory ? *memory : std::int64_t{2} << 30)},
          {"maxmemory-policy", redis.max_memory_policy},
          // With a single replica a shard would refuse writes after every failover.
          {"min-replicas-to-write", "0"},
          // The process that forks to save goes first when memory is short.
          {"oom-score-adj", "relative"},
          {"port", "6379"},
          {"repl-backlog-size", "64mb"},
          {"repl-diskless-sync-delay", "1"},
          {"save", "\"\""},
          {"shutdown-timeout", "10"},
          {"stop-writes-on-bgsave-error", "no"},
          {"tcp-keepalive", "60"}};
}

}  // namespace

std::string redis_configuration(const Context& context) {
  const auto& redis = context.spec().redis;
  auto settings = base_settings(redis);
  for (const auto& [name, value] : redis.config) {
    // The API server refuses these; an object that came past an older schema gets them ignored.
    if (is_setting_name(name) && !api::owned_redis_settings().contains(name)) settings[name] = one_line(value);
  }
  std::string out;
  for (const auto& [name, value] : settings) out += name + " " + value + "\n";
  return out;
}

kube::types::ConfigMap build_redis_config(const Context& context) {
  kube::types::ConfigMap out;
  out.metadata = child_metadata(context, context.names().redis(), kRedis);
  out.data["redis.conf"] = redis_configuration(context);
  // The agents read it while they keep a server shut; no pod restarts for it.
  std::string accepted;
  for (const int shard : context.spec().redis.accept_data_loss) accepted += std::to_string(shard) + "\n";
  if (!accepted.empty()) out.data["accept-data-loss"] = accepted;
  return out;
}

}  // namespace cadence::resources
