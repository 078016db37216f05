#include "cadence/api/cluster.hpp"

#include <algorithm>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "cadence/api/definition.hpp"
#include "cadence/api/object_keys.hpp"
#include "cadence/api/patterns.hpp"
#include "cadence/api/webhook_checks.hpp"
#include "postgres/rules/lease_rules.hpp"
#include "postgres/rules/settings.hpp"

namespace cadence::api {

using json::field;

json::Object CadenceClusterSpec::json_fields() {
  return {
      .name = "CadenceClusterSpec",
      .fields = {field<&CadenceClusterSpec::paused>("paused", "Observe and report, change nothing."),
                 field<&CadenceClusterSpec::images>("images", "Images, where they are not the operator's own release."),
                 field<&CadenceClusterSpec::webhook>("webhook", "The webhook servers."),
                 field<&CadenceClusterSpec::load_balancer>("loadBalancer", "What stands in front of them."),
                 field<&CadenceClusterSpec::redis>("redis", "The Redis Cluster."),
                 field<&CadenceClusterSpec::postgres>("postgres", "PostgreSQL with standbys."),
                 field<&CadenceClusterSpec::backup>("backup", "Backups and restore drills."),
                 field<&CadenceClusterSpec::monitoring>("monitoring", "Monitoring objects."),
                 field<&CadenceClusterSpec::region>("region", "This cluster's place among several regions."),
                 field<&CadenceClusterSpec::network_policies>("networkPolicies",
                                                              "Let only the traffic in that is needed."),
                 field<&CadenceClusterSpec::pod_template>("podTemplate", "What concerns every pod."),
                 field<&CadenceClusterSpec::deletion_policy>("deletionPolicy",
                                                             "What becomes of volumes when the object goes.")
                     .one_of({"Retain", "Delete"})
                     .length(1, 16)},
      .rules = {}};
}

json::Object CadenceCluster::json_fields() {
  return {
      .name = "CadenceCluster",
      .fields = {field<&CadenceCluster::metadata>("metadata"), field<&CadenceCluster::spec>("spec", "What is wanted."),
                 field<&CadenceCluster::status>("status", "What is.")},
      .rules = {}};
}

const kube::core::KindInfo& CadenceCluster::kind_info() {
  static const kube::core::KindInfo info{"cadence.noslop.tech", "v1alpha1", "CadenceCluster", "cadenceclusters", true};
  return info;
}

namespace {

json::Value column(const char* name, const char* type, const char* path, const char* doc, int priority = 0) {
  json::Value out{{"name", name}, {"type", type}, {"jsonPath", path}, {"description", doc}};
  if (priority > 0) out["priority"] = priority;
  return out;
}

json::Value printer_columns() {
  return json::Value::array(
      {column("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status",
              "Everything works for the present spec."),
       column("Status", "string", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is, or is not, ready."),
       column("Webhooks", "string", ".status.webhook.summary", "Ready of wanted."),
       column("Redis", "string", ".status.redis.summary", "State of the Redis Cluster."),
       column("Postgres", "string", ".status.postgres.primary", "The primary."),
       column("LB", "string", ".status.loadBalancer.summary", "Ready of wanted."),
       column("Age", "date", ".metadata.creationTimestamp", "Since it was made."),
       column("Endpoint", "string", ".status.endpoint", "Where senders deliver to.", 1),
       column("Backup", "string", ".status.backup.lastSuccessful", "Newest backup.", 1)});
}

void check_duration(std::vector<json::FieldError>& errors, const char* path, const std::string& text) {
  if (auto parsed = base::parse_duration(text); !parsed)
    errors.push_back({path, "must be a duration such as 30s: " + parsed.error().message});
}

void check_size(std::vector<json::FieldError>& errors, const char* path, const std::string& text) {
  if (auto parsed = base::parse_bytes(text); !parsed || *parsed <= 0)
    errors.push_back({path, "must be a size such as 8Gi"});
}

// The same inequalities that every agent insists on at its start.
void check_lease(std::vector<json::FieldError>& errors, const LeaseTiming& lease) {
  const auto duration = base::parse_duration(lease.duration);
  const auto renew = base::parse_duration(lease.renew);
  if (duration && renew && (duration->count() < 4000 || duration->count() < 4 * renew->count())) {
    errors.push_back(
        {"spec.postgres.lease",
         "duration must be at least 4s and four times renew, so that a lost renewal or two do not lose the Lease"});
  } else if (duration && renew) {
    if (const auto timing = postgres::make_lease_timing(*duration, *renew); !timing)
      errors.push_back({"spec.postgres.lease", timing.error().message});
  }
}

// They become values of labels in NetworkPolicies.
void check_namespaces(std::vector<json::FieldError>& errors, const std::string& path,
                      const std::vector<std::string>& names) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& name = names[i];
    const bool is_name = !name.empty() && name.size() <= 63 && is_plain(name.front()) && is_plain(name.back()) &&
                         std::all_of(name.begin(), name.end(), [&](char c) { return is_plain(c) || c == '-'; });
    if (!is_name)
      errors.push_back(
          {path + "[" + std::to_string(i) + "]", "is not the name of a namespace: a-z, 0-9 and -, at most 63"});
  }
}

// What pods and Services are made of: the API server would refuse them later, with their fields and not the spec's.
void check_objects(std::vector<json::FieldError>& errors, const CadenceClusterSpec& spec) {
  check_labels(errors, "spec.podTemplate.labels", spec.pod_template.labels);
  check_labels(errors, "spec.podTemplate.nodeSelector", spec.pod_template.node_selector);
  check_keys(errors, "spec.podTemplate.annotations", spec.pod_template.annotations);
  check_keys(errors, "spec.loadBalancer.service.annotations", spec.load_balancer.service.annotations);
  check_tolerations(errors, "spec.podTemplate.tolerations", spec.pod_template.tolerations);
  check_spread(errors, "spec.podTemplate.topologySpreadConstraints", spec.pod_template.topology_spread_constraints);
  const std::pair<const char*, const ResourceRequirements*> parts[] = {
      {"spec.webhook.resources", &spec.webhook.resources},
      {"spec.redis.resources", &spec.redis.resources},
      {"spec.postgres.resources", &spec.postgres.resources}};
  for (const auto& [path, resources] : parts) check_requests(errors, path, resources->requests, resources->limits);
}

// Bounds on what is in maps and lists, for which a field's row in the table has no place.
void bound_values(json::Value& schema) {
  auto& spec = schema["properties"]["spec"]["properties"];
  const json::Value label{{"type", "string"}, {"maxLength", kLongestLabelValue}, {"pattern", kLabelValuePattern}};
  spec["podTemplate"]["properties"]["labels"]["additionalProperties"] = label;
  spec["podTemplate"]["properties"]["nodeSelector"]["additionalProperties"] = label;
  spec["monitoring"]["properties"]["labels"]["additionalProperties"] = label;
  spec["loadBalancer"]["properties"]["service"]["properties"]["loadBalancerSourceRanges"]["items"] = {
      {"type", "string"}, {"maxLength", 43}, {"pattern", kCidrPattern}};
  for (const auto& [list, names] : {std::pair{"feedback", "repositories"}, {"reconcileDeliveries", "of"}})
    spec["webhook"]["properties"][list]["items"]["properties"][names]["items"] = {
        {"type", "string"}, {"maxLength", 512}, {"pattern", kRepositoryPattern}};
  spec["webhook"]["properties"]["api"]["properties"]["corsOrigins"]["items"] = {
      {"type", "string"}, {"maxLength", 256}, {"pattern", kOriginPattern}};
  auto& strategies = spec["webhook"]["properties"]["detection"]["properties"]["strategies"];
  for (const char* of_a_map : {"additionalProperties", "minProperties", "maxProperties"}) strategies.erase(of_a_map);
  const json::Value one{{"type", "boolean"}, {"description", "false: nothing is judged by it. Default: true."}};
  for (const auto& name : strategy_names()) strategies["properties"][std::string(name)] = one;
}

}  // namespace

std::vector<json::FieldError> validate_spec(const CadenceClusterSpec& spec) {
  auto errors = json::validate(spec, "spec");
  if (spec.redis.shards == 2)
    errors.push_back({"spec.redis.shards", "two shards cannot elect a new master: use 1, or 3 and more"});
  if (spec.postgres.synchronous.mode == "Required" && spec.postgres.instances <= spec.postgres.synchronous.number) {
    errors.push_back({"spec.postgres",
                      "synchronous.mode Required needs more instances than synchronous.number: add instances, or set "
                      "mode to Preferred or Off"});
  }
  for (const auto& [key, value] : spec.postgres.parameters) {
    // PostgreSQL ignores case, the schema's rule does not
    const auto owned = postgres::owned_parameters().find(base::to_lower(key));
    const auto kind = postgres::classify_parameter(key, value);
    if (kind.ownership == postgres::Ownership::Blocked)
      errors.push_back(
          {"spec.postgres.parameters." + key, "must not be " + value + " (" + kind.reason + "): remove it"});
    if (owned != postgres::owned_parameters().end())
      errors.push_back(
          {"spec.postgres.parameters." + key, "is owned by the operator (" + owned->second + "): remove it"});
  }
  for (const auto& [key, value] : spec.redis.config) {
    const auto owned = owned_redis_settings().find(key);
    if (owned != owned_redis_settings().end())
      errors.push_back({"spec.redis.config." + key, "is owned by the operator (" + owned->second + "): remove it"});
  }
  if (spec.webhook.autoscaling && spec.webhook.autoscaling->min_replicas > spec.webhook.autoscaling->max_replicas) {
    errors.push_back({"spec.webhook.autoscaling", "minReplicas must not exceed maxReplicas"});
  }
  if (!spec.load_balancer.tls.self_signed && spec.load_balancer.tls.secret_name.empty()) {
    errors.push_back({"spec.loadBalancer.tls", "name a Secret in secretName, or set selfSigned to true"});
  }
  check_duration(errors, "spec.redis.nodeTimeout", spec.redis.node_timeout);
  check_duration(errors, "spec.loadBalancer.healthCheck.interval", spec.load_balancer.health_check.interval);
  check_size(errors, "spec.redis.maxMemory", spec.redis.max_memory);
  check_size(errors, "spec.redis.storage.size", spec.redis.storage.size);
  check_size(errors, "spec.postgres.storage.size", spec.postgres.storage.size);
  check_lease(errors, spec.postgres.lease);
  check_namespaces(errors, "spec.monitoring.namespaces", spec.monitoring.namespaces);
  check_objects(errors, spec);
  check_webhook(errors, spec.webhook);
  return errors;
}

json::Value custom_resource_definition() {
  Definition out;
  out.kind = &CadenceCluster::kind_info();
  out.singular = "cadencecluster";
  out.short_names = {"cdc"};
  out.description = "A highly available Cadence: webhook servers, load balancer, Redis Cluster and PostgreSQL.";
  out.schema = json::schema(json::type_of<CadenceCluster>());
  bound_values(out.schema);
  // Children are named after the cluster and carry suffixes; a Service's name has at most 63 characters.
  out.rules = json::Value::array(
      {{{"rule", "size(self.metadata.name) <= 40"},
        {"message", "metadata.name must have at most 40 characters: the names of Services are made of it"}},
       {{"rule", "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')"},
        {"message",
         "metadata.name must start with a letter and hold only a-z, 0-9 and -: the names of Services are made of "
         "it"}}});
  out.columns = printer_columns();
  out.scale = {{"specReplicasPath", ".spec.webhook.replicas"},
               {"statusReplicasPath", ".status.webhook.replicas"},
               {"labelSelectorPath", ".status.webhook.selector"}};
  return to_manifest(std::move(out));
}

}  // namespace cadence::api
