#include "stories.hpp"

#include "cadence/names/names.hpp"

namespace cadence::exploration {
namespace {

// The fields of a merge patch of the spec.
Story change(const std::string& name, const char* patch) {
  return {name, [patch](World& world) {
            world.change_spec([&](json::Value& spec) { json::merge(spec, *json::parse(patch)); });
          }};
}

// Its certificate goes with it.
Story without_balancer() {
  auto out = change("no_balancer", R"({"loadBalancer":{"type":"None"}})");
  out.may_change_secrets = true;
  return out;
}

Story rotation(const std::string& name, const std::string& secret) {
  Story out{name, [secret](World& world) {
              world.annotate(kube::types::Secret::kind_info(), secret, names::kRotateAnnotation, "now");
            }};
  out.may_change_secrets = true;
  out.quiet = std::chrono::minutes(15);  // an old login is retired after ten
  return out;
}

}  // namespace

std::vector<Story> stories() {
  std::vector<Story> out{bring_up()};
  const auto add = [&out](const std::vector<Story>& more) { out.insert(out.end(), more.begin(), more.end()); };
  add(changes_of_fields());
  add(rotations());
  add({deletion(), upgrade(), failover()});
  return out;
}

Story bring_up() {
  return {"bring_up", [](World& world) { world.apply_spec(json::Value::object()); }};
}

const std::vector<Story>& changes_of_fields() {
  static const std::vector<Story> out{
      change("webhook_replicas_up", R"({"webhook":{"replicas":5}})"),
      change("webhook_replicas_down", R"({"webhook":{"replicas":2}})"),
      change("webhook_image", R"({"images":{"webhook":"new:1"}})"),
      change("balancer_replicas", R"({"loadBalancer":{"replicas":3}})"),
      without_balancer(),
      change("redis_memory", R"({"redis":{"maxMemory":"1Gi"}})"),
      change("redis_replicas_up", R"({"redis":{"replicasPerShard":2}})"),
      change("redis_replicas_down", R"({"redis":{"replicasPerShard":0}})"),
      change("postgres_parameters", R"({"postgres":{"parameters":{"work_mem":"8MB"}}})"),
      change("postgres_restart", R"({"postgres":{"parameters":{"max_connections":"300"}}})"),
      change("postgres_image", R"({"images":{"postgres":"new:1"}})"),
      change("postgres_instances_up", R"({"postgres":{"instances":4}})"),
      change("postgres_instances_down", R"({"postgres":{"instances":2}})"),
      change("postgres_storage", R"({"postgres":{"storage":{"size":"30Gi"}}})"),
      change("postgres_preferred", R"({"postgres":{"synchronous":{"mode":"Preferred"}}})"),
      change("postgres_switchover", R"({"postgres":{"switchoverTo":"c-postgres-2"}})"),
      change("postgres_fenced", R"({"postgres":{"fenced":["c-postgres-3"]}})"),
      change("no_policies", R"({"networkPolicies":false})"),
      change("pod_template", R"({"podTemplate":{"labels":{"team":"a"}}})"),
      change("deletion_policy", R"({"deletionPolicy":"Delete"})"),
      change("paused", R"({"paused":true})")};
  return out;
}

const std::vector<Story>& rotations() {
  static const std::vector<Story> out{rotation("authority", names::Names(kCluster).ca()),
                                      rotation("application", names::Names(kCluster).postgres_app())};
  return out;
}

Story deletion() {
  return {"deletion", [](World& world) { world.server.remove(api::CadenceCluster::kind_info(), {kSpace, kCluster}); }};
}

Story failover() {
  return {
      "failover", [](World& world) {
        const auto& kind = kube::types::Pod::kind_info();
        const kube::core::ObjectKey primary{kSpace, names::Names(kCluster).postgres_instance(1)};
        world.databases.state.servers.erase(json::string_at(*world.server.find(kind, primary), {"metadata", "uid"}));
        world.server.write(kind, primary, [](json::Value& pod) {
          auto& status = pod["status"];
          status["conditions"][0]["status"] = "False";
          status["containerStatuses"][0]["ready"] = false;
          status["containerStatuses"][0]["state"] = {{"terminated", {{"exitCode", 137}, {"reason", "Error"}}}};
        });
      }};
}

Story upgrade() {
  Story out{"upgrade", [](World&) {}};
  out.images = {"cadence-webhook:new", "cadence-postgres:new", "cadence-redis:new", "cadence-haproxy:new"};
  return out;
}

}  // namespace cadence::exploration
