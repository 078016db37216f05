#include "cadence/api/status.hpp"

namespace cadence::api {

using json::field;

json::Object WebhookStatus::json_fields() {
  return {
      .name = "WebhookStatus",
      .fields = {field<&WebhookStatus::replicas>("replicas", "Pods that exist.").without_default(),
                 field<&WebhookStatus::ready_replicas>("readyReplicas", "Pods that take requests.").without_default(),
                 field<&WebhookStatus::updated_replicas>("updatedReplicas", "Pods of the present template.")
                     .without_default(),
                 field<&WebhookStatus::selector>("selector", "Label selector of the pods, for the scale subresource.")
                     .without_default(),
                 field<&WebhookStatus::version>("version", "Image of the present template.").without_default(),
                 field<&WebhookStatus::summary>("summary", "Ready of wanted, for people.").without_default()},
      .rules = {}};
}

json::Object RedisShardStatus::json_fields() {
  return {.name = "RedisShardStatus",
          .fields = {field<&RedisShardStatus::index>("index", "Number of the shard."),
                     field<&RedisShardStatus::master>("master", "Pod of the master.").without_default(),
                     field<&RedisShardStatus::replicas>("replicas", "Pods of its replicas."),
                     field<&RedisShardStatus::slots>("slots", "How many slots it serves.").without_default()},
          .rules = {}};
}

json::Object RedisStatus::json_fields() {
  return {.name = "RedisStatus",
          .fields = {field<&RedisStatus::formed>("formed", "True from the first time that all slots were owned.")
                         .without_default(),
                     field<&RedisStatus::slots_owned>("slotsOwned", "Of 16384.").without_default(),
                     field<&RedisStatus::shards>("shards", "One entry a master."),
                     field<&RedisStatus::operation>("operation", "What is being done.").without_default(),
                     field<&RedisStatus::summary>("summary", "For people.").without_default()},
          .rules = {}};
}

json::Object PostgresInstanceStatus::json_fields() {
  return {.name = "PostgresInstanceStatus",
          .fields = {field<&PostgresInstanceStatus::name>("name", "Pod.").without_default(),
                     field<&PostgresInstanceStatus::role>("role", "primary, standby or starting.").without_default(),
                     field<&PostgresInstanceStatus::state>("state",
                                                           "Ready, NotReady, Missing, Fenced, or what its agent does: "
                                                           "Disarmed, Promoting, Stopping, Rewinding, Recloning.")
                         .without_default(),
                     field<&PostgresInstanceStatus::lsn>(
                         "lsn", "Last known position in the WAL; refreshed when something else changes.")
                         .without_default(),
                     field<&PostgresInstanceStatus::lag>("lag", "Bytes behind the primary."),
                     field<&PostgresInstanceStatus::node>("node", "Where it runs.").without_default()},
          .rules = {}};
}

json::Object LastFailover::json_fields() {
  return {.name = "LastFailover",
          .fields = {field<&LastFailover::at>("at", "When.").without_default(),
                     field<&LastFailover::from>("from", "Old primary.").without_default(),
                     field<&LastFailover::to>("to", "New primary.").without_default(),
                     field<&LastFailover::reason>("reason", "Why.").without_default(),
                     field<&LastFailover::duration>("duration", "How long no write was possible.").without_default()},
          .rules = {}};
}

json::Object PostgresStatus::json_fields() {
  return {
      .name = "PostgresStatus",
      .fields = {field<&PostgresStatus::primary>("primary", "Pod that takes writes, from the Lease.").without_default(),
                 field<&PostgresStatus::term>("term", "Lease transitions."),
                 field<&PostgresStatus::timeline>("timeline", "PostgreSQL's timeline."),
                 field<&PostgresStatus::instances>("instances", "Every instance."),
                 field<&PostgresStatus::last_failover>("lastFailover", "The newest change of primary."),
                 field<&PostgresStatus::synchronous>("synchronous", "What a commit waits for.").without_default()},
      .rules = {}};
}

json::Object LoadBalancerStatus::json_fields() {
  return {.name = "LoadBalancerStatus",
          .fields = {field<&LoadBalancerStatus::replicas>("replicas", "Pods that exist.").without_default(),
                     field<&LoadBalancerStatus::ready_replicas>("readyReplicas", "Pods that take connections.")
                         .without_default(),
                     field<&LoadBalancerStatus::servers>("servers", "Webhook servers behind it.").without_default(),
                     field<&LoadBalancerStatus::summary>("summary", "Ready of wanted, for people.").without_default()},
          .rules = {}};
}

json::Object BackupStatus::json_fields() {
  return {.name = "BackupStatus",
          .fields = {field<&BackupStatus::last_successful>("lastSuccessful", "Newest backup.").without_default(),
                     field<&BackupStatus::last_verified>("lastVerified", "Newest restore drill.").without_default(),
                     field<&BackupStatus::first_recoverable>("firstRecoverable", "Oldest point that can be restored.")
                         .without_default(),
                     field<&BackupStatus::last_recoverable>("lastRecoverable", "Newest point that can be restored.")
                         .without_default(),
                     field<&BackupStatus::next>("next", "Next backup.").without_default()},
          .rules = {}};
}

json::Object CadenceClusterStatus::json_fields() {
  return {
      .name = "CadenceClusterStatus",
      .fields = {field<&CadenceClusterStatus::observed_generation>(
                     "observedGeneration", "The generation of the spec that this status speaks of.")
                     .without_default(),
                 field<&CadenceClusterStatus::operator_version>(
                     "operatorVersion", "The operator that last carried out the whole spec without a failure.")
                     .without_default(),
                 field<&CadenceClusterStatus::conditions>("conditions", "Ready sums up the others.").keyed_by({"type"}),
                 field<&CadenceClusterStatus::endpoint>("endpoint", "Where senders deliver to, inside the cluster.")
                     .without_default(),
                 field<&CadenceClusterStatus::webhook>("webhook", "Webhook servers.").without_default(),
                 field<&CadenceClusterStatus::redis>("redis", "Redis Cluster.").without_default(),
                 field<&CadenceClusterStatus::postgres>("postgres", "PostgreSQL.").without_default(),
                 field<&CadenceClusterStatus::load_balancer>("loadBalancer", "Load balancer.").without_default(),
                 field<&CadenceClusterStatus::backup>("backup", "Backups.").without_default()},
      .rules = {}};
}

}  // namespace cadence::api
