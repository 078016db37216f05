#include "cadence/resources/network_policies.hpp"

#include "cadence/resources/common/labels.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

using Ports = std::vector<int>;
using Peers = std::vector<types::NetworkPolicyPeer>;

types::NetworkPolicyPeer pods_of(const Context& context, const std::string& component) {
  types::NetworkPolicyPeer out;
  out.pod_selector =
      types::LabelSelector{.match_labels = names::selector_of(context.name(), component), .match_expressions = {}};
  return out;
}

// A pod's label is anybody's to put on, a namespace's name is not: the API server writes this label itself and lets
// nobody change it.
types::NetworkPolicyPeer named(const std::string& namespace_, const std::string& name) {
  types::NetworkPolicyPeer out;
  out.namespace_selector =
      types::LabelSelector{.match_labels = {{"kubernetes.io/metadata.name", namespace_}}, .match_expressions = {}};
  out.pod_selector = types::LabelSelector{.match_labels = {{"app.kubernetes.io/name", name}}, .match_expressions = {}};
  return out;
}

void add_prober(const Context& context, Peers& peers) {
  if (!context.operator_namespace.empty()) peers.push_back(named(context.operator_namespace, "cadence-operator"));
}

void add_scrapers(const Context& context, Peers& peers) {
  for (const auto& namespace_ : context.spec().monitoring.namespaces) peers.push_back(named(namespace_, "prometheus"));
}

types::NetworkPolicyIngressRule allow(Peers from, const Ports& ports) {
  types::NetworkPolicyIngressRule out;
  out.from = std::move(from);
  for (const int port : ports) out.ports.push_back({.port = port});
  return out;
}

types::NetworkPolicy policy(const Context& context, const std::string& name, const std::string& component,
                            std::vector<types::NetworkPolicyIngressRule> rules) {
  types::NetworkPolicy out;
  out.metadata = child_metadata(context, name, component);
  out.spec.pod_selector.match_labels = names::selector_of(context.name(), component);
  out.spec.policy_types = {"Ingress"};
  out.spec.ingress = std::move(rules);
  return out;
}

types::NetworkPolicy webhook_policy(const Context& context) {
  const auto& spec = context.spec();
  // Without a load balancer of ours, whatever the user puts in front comes from anywhere.
  const bool is_open = spec.load_balancer.type == "None";
  Peers from;
  if (!is_open) {
    from = {pods_of(context, kLoadBalancer)};
    add_prober(context, from);
    add_scrapers(context, from);
  }
  return policy(context, context.names().webhook(), kWebhook, {allow(std::move(from), {spec.webhook.port})});
}

types::NetworkPolicy load_balancer_policy(const Context& context) {
  // Statistics are for the namespace's own pods and for Prometheus; the Service does not offer them.
  types::NetworkPolicyPeer same_namespace;
  same_namespace.pod_selector = types::LabelSelector{};
  Peers watchers{same_namespace};
  add_scrapers(context, watchers);
  return policy(context, context.names().lb(), kLoadBalancer,
                {allow({}, {8080, 8443}), allow(std::move(watchers), {context.spec().load_balancer.stats.port})});
}

types::NetworkPolicy redis_policy(const Context& context) {
  Peers clients{pods_of(context, kRedis), pods_of(context, kWebhook)};
  add_prober(context, clients);
  return policy(context, context.names().redis(), kRedis,
                {allow(std::move(clients), {6379}), allow({pods_of(context, kRedis)}, {16379})});
}

types::NetworkPolicy postgres_policy(const Context& context) {
  Peers clients{pods_of(context, kPostgres), pods_of(context, kWebhook)};
  Peers watchers{pods_of(context, kPostgres)};
  add_prober(context, clients);
  add_prober(context, watchers);
  add_scrapers(context, watchers);
  return policy(context, context.names().postgres(), kPostgres,
                {allow(std::move(clients), {5432}), allow(std::move(watchers), {8008}),
                 allow({pods_of(context, kPostgres)}, {8009})});
}

}  // namespace

std::vector<types::NetworkPolicy> build_network_policies(const Context& context) {
  if (!context.spec().network_policies) return {};
  std::vector<types::NetworkPolicy> out{webhook_policy(context), redis_policy(context), postgres_policy(context)};
  if (context.has_haproxy()) out.push_back(load_balancer_policy(context));
  return out;
}

}  // namespace cadence::resources
