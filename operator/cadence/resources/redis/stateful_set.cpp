#include "cadence/resources/common/pod_parts.hpp"
#include "cadence/resources/redis/redis.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

types::Probe agent_probe(const std::string& question, ProbeTiming timing) {
  types::Probe out;
  out.exec = types::ExecAction{.command = {"cadence-agent", "redis", question}};
  out.period_seconds = timing.period;
  out.timeout_seconds = timing.timeout;
  out.failure_threshold = timing.failures;
  return out;
}

types::Container container(const Context& context) {
  types::Container out;
  out.name = "redis";
  out.image = context.redis_image();
  out.image_pull_policy = "IfNotPresent";
  out.command = {"cadence-agent"};
  out.args = {"redis",
              "--data",
              "/data",
              "--config",
              "/etc/cadence/config/redis.conf",
              "--secrets",
              "/etc/cadence/redis",
              "--peers",
              context.names().redis()};
  out.env = {env_from_field("POD_NAME", "metadata.name"), env_from_field("POD_NAMESPACE", "metadata.namespace"),
             env_from_field("POD_IP", "status.podIP")};
  out.ports = {{.name = "redis", .container_port = 6379}, {.name = "bus", .container_port = 16379}};
  out.volume_mounts = {mount("data", "/data"), mount("run", "/run/redis"), mount("tmp", "/tmp"),
                       mount_read_only("auth", "/etc/cadence/redis"), mount_read_only("config", "/etc/cadence/config")};
  out.resources = resources_or(context.spec().redis.resources, requests("50m", "64Mi"));
  out.readiness_probe = agent_probe("--ready", {.period = 5, .timeout = 3, .failures = 3});
  // Any answer counts: loading a large append-only file takes minutes and is no reason to be killed.
  out.liveness_probe = agent_probe("--live", {.period = 20, .timeout = 10, .failures = 9});
  out.security_context = container_security();
  return out;
}

Labels shard_labels(const Context& context, int shard) {
  auto out = names::labels_of(context.name(), kRedis);
  out[names::kShardLabel] = std::to_string(shard);
  return out;
}

types::PodTemplateSpec pod_template(const Context& context, int shard) {
  types::PodTemplateSpec out;
  out.metadata.labels = shard_labels(context, shard);
  out.metadata.annotations[names::kConfigHash] = short_hash(redis_configuration(context));
  auto& spec = out.spec;
  spec.containers = {container(context)};
  spec.volumes = {empty_dir("run", true, "1Mi"), empty_dir("tmp"),
                  secret_volume("auth", context.mounted(context.names().redis_auth())),
                  config_volume("config", context.names().redis())};
  spec.security_context = pod_security(kRedisUser);
  // A shard's copies on different nodes, and all nodes of the cluster evenly. Two rules of different kinds, because the
  // API server takes only one spread constraint for the same key.
  auto of_shard = names::selector_of(context.name(), kRedis);
  of_shard[names::kShardLabel] = std::to_string(shard);
  spec.affinity = apart_from(of_shard);
  spec.topology_spread_constraints = {spread_over_nodes(names::selector_of(context.name(), kRedis), false)};
  spec.automount_service_account_token = false;
  spec.enable_service_links = false;
  spec.termination_grace_period_seconds = 60;
  merge_pod_template(context.spec().pod_template, names::selector_of(context.name(), kRedis), out.metadata, spec);
  return out;
}

types::PersistentVolumeClaim claim_template(const Context& context, int shard) {
  const auto& storage = context.spec().redis.storage;
  types::PersistentVolumeClaim out;
  out.metadata.name = "data";
  out.metadata.labels = shard_labels(context, shard);
  out.spec.access_modes = {"ReadWriteOnce"};
  out.spec.resources.requests["storage"] = {storage.size};
  if (!storage.storage_class_name.empty()) out.spec.storage_class_name = storage.storage_class_name;
  return out;
}

}  // namespace

int redis_shard_count(const Context& context) {
  return context.redis_shards > 0 ? context.redis_shards : context.spec().redis.shards;
}

types::StatefulSet build_redis_stateful_set(const Context& context, int shard, int partition) {
  types::StatefulSet out;
  out.metadata = child_metadata(context, context.names().redis_shard(shard), kRedis);
  out.metadata.labels[names::kShardLabel] = std::to_string(shard);
  out.spec.replicas = 1 + context.spec().redis.replicas_per_shard;
  out.spec.selector.match_labels = names::selector_of(context.name(), kRedis);
  out.spec.selector.match_labels[names::kShardLabel] = std::to_string(shard);
  out.spec.template_ = pod_template(context, shard);
  out.spec.service_name = context.names().redis();
  out.spec.pod_management_policy = "Parallel";
  out.spec.update_strategy.type = "RollingUpdate";
  out.spec.update_strategy.rolling_update =
      types::RollingUpdate{.max_unavailable = {}, .max_surge = {}, .partition = partition};
  out.spec.volume_claim_templates = {claim_template(context, shard)};
  const bool deletes = context.spec().deletion_policy == "Delete";
  // Taking a copy away never takes its data away.
  out.spec.persistent_volume_claim_retention_policy =
      types::ClaimRetentionPolicy{.when_deleted = deletes ? "Delete" : "Retain", .when_scaled = "Retain"};
  out.spec.revision_history_limit = 3;
  return out;
}

}  // namespace cadence::resources
