#include "cadence/names/annotations.hpp"
#include "cadence/resources/common/pod_parts.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

types::Container agent_container(const Context& context, const std::string& name) {
  types::Container out;
  out.name = name;
  out.image = context.haproxy_image();  // it asks `haproxy -c` before it changes anything
  out.image_pull_policy = "IfNotPresent";
  out.command = {"cadence-agent"};
  out.args = {"proxy",
              "--namespace",
              context.space(),
              "--service",
              context.names().webhook(),
              "--config",
              "/etc/cadence/config/haproxy.cfg",
              "--certificate",
              "/etc/cadence/tls",
              "--run",
              "/run/haproxy"};
  out.volume_mounts = {mount_read_only("config", "/etc/cadence/config"), mount_read_only("tls", "/etc/cadence/tls"),
                       mount("run", "/run/haproxy")};
  out.resources = requests("10m", "16Mi", "64Mi");
  out.security_context = container_security();
  return out;
}

types::Container haproxy_container(const Context& context) {
  const auto& spec = context.spec().load_balancer;
  types::Container out;
  out.name = "haproxy";
  out.image = context.haproxy_image();
  out.image_pull_policy = "IfNotPresent";
  out.command = {"haproxy"};
  out.args = {"-W", "-S", "/run/haproxy/master.sock", "-f", "/run/haproxy/haproxy.cfg"};
  out.ports = {{.name = "http", .container_port = kHttpPort},
               {.name = "https", .container_port = kHttpsPort},
               {.name = "stats", .container_port = spec.stats.port}};
  out.volume_mounts = {mount("run", "/run/haproxy")};
  out.resources = requests("50m", "64Mi");
  out.readiness_probe = http_probe("/readyz", "stats", {.period = 2, .timeout = 2, .failures = 3});
  out.liveness_probe = http_probe("/livez", "stats", {.period = 10, .timeout = 5, .failures = 6});
  // Five seconds for the Service to forget this pod. Then the kubelet sends the image's stop signal, USR1, HAProxy's
  // soft stop: connections end, none is cut before hard-stop-after.
  types::LifecycleHandler stop;
  stop.exec = types::ExecAction{.command = {"sleep", "5"}};
  out.lifecycle = types::Lifecycle{.pre_stop = stop, .post_start = {}};
  out.security_context = container_security();
  return out;
}

types::PodTemplateSpec pod_template(const Context& context) {
  types::PodTemplateSpec out;
  out.metadata.labels = names::labels_of(context.name(), kLoadBalancer);
  // Tokens name the account that they were made for: with another one pods must be others too.
  if (!context.lb_account_made.empty()) out.metadata.annotations[names::kAccountAnnotation] = context.lb_account_made;
  auto& spec = out.spec;
  auto prepare = agent_container(context, "prepare");
  prepare.args.push_back("--prepare");
  // A sidecar in the sense of Kubernetes: it outlives HAProxy's drain and goes on telling it of servers that leave.
  auto agent = agent_container(context, "agent");
  agent.restart_policy = "Always";
  spec.init_containers = {prepare, agent};
  spec.containers = {haproxy_container(context)};
  spec.volumes = {config_volume("config", context.names().lb()),
                  secret_volume("tls", context.mounted(context.names().lb_tls())), empty_dir("run", true, "16Mi")};
  spec.security_context = pod_security(kHaproxyUser);
  spec.topology_spread_constraints = {spread_over_nodes(names::selector_of(context.name(), kLoadBalancer), true)};
  spec.service_account_name = context.names().lb();
  spec.automount_service_account_token = true;
  spec.enable_service_links = false;
  spec.termination_grace_period_seconds = 60;
  merge_pod_template(context.spec().pod_template, names::selector_of(context.name(), kLoadBalancer), out.metadata,
                     spec);
  return out;
}

}  // namespace

types::Deployment build_lb_deployment(const Context& context) {
  types::Deployment out;
  out.metadata = child_metadata(context, context.names().lb(), kLoadBalancer);
  out.spec.replicas = context.spec().load_balancer.replicas;
  out.spec.selector.match_labels = names::selector_of(context.name(), kLoadBalancer);
  // No hash of the configuration: the agent reloads HAProxy in place, which costs no connection.
  out.spec.template_ = pod_template(context);
  out.spec.strategy.type = "RollingUpdate";
  out.spec.strategy.rolling_update = types::RollingUpdate{.max_unavailable = 0, .max_surge = 1, .partition = {}};
  out.spec.revision_history_limit = 3;
  return out;
}

}  // namespace cadence::resources
