#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/postgres/postgres.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

types::Service service(const Context& context, const std::string& name, const std::string& role) {
  types::Service out;
  out.metadata = child_metadata(context, name, kPostgres);
  out.spec.type = "ClusterIP";
  out.spec.selector = names::selector_of(context.name(), kPostgres);
  if (!role.empty()) out.spec.selector[names::kRoleLabel] = role;
  out.spec.ports = {{.name = "postgres", .port = 5432, .target_port = "postgres"}};
  return out;
}

}  // namespace

std::vector<types::Service> build_postgres_services(const Context& context) {
  // Instances find each other by name from the first second, ready or not.
  auto headless = service(context, context.names().postgres(), "");
  headless.spec.cluster_ip = "None";
  headless.spec.publish_not_ready_addresses = true;
  headless.spec.ports.push_back({.name = "agent", .port = 8008, .target_port = "agent"});
  // Without a selector, so that it follows the primary as fast as the primary itself writes its address, operator or
  // not.
  auto writable = service(context, context.names().postgres_rw(), "");
  writable.spec.selector.clear();
  return {headless, writable, service(context, context.names().postgres_ro(), "standby"),
          service(context, context.names().postgres_r(), "")};
}

types::EndpointSlice build_postgres_endpoints(const Context& context) {
  types::EndpointSlice out;
  out.metadata = child_metadata(context, context.names().postgres_rw(), kPostgres);
  out.metadata.labels[types::kServiceNameLabel] = context.names().postgres_rw();
  out.metadata.labels[types::kSliceManagedByLabel] = names::kSliceWriter;
  out.address_type = "IPv4";
  out.ports = {{.name = "postgres", .protocol = "TCP", .port = 5432}};
  return out;
}

std::vector<types::PodDisruptionBudget> build_postgres_pdbs(const Context& context) {
  const int instances = context.spec().postgres.instances;
  if (instances < 2) return {};  // nobody could take over: a budget would only hold up the drain of its node
  const auto budget = [&](const std::string& name, const char* role, int at_least) {
    types::PodDisruptionBudget out;
    out.metadata = child_metadata(context, name, kPostgres);
    // A number of pods: anything else is counted by the owner's scale, which is the webhook servers'.
    out.spec.min_available = at_least;
    out.spec.selector.match_labels = names::selector_of(context.name(), kPostgres);
    out.spec.selector.match_labels[names::kRoleLabel] = role;
    out.spec.unhealthy_pod_eviction_policy = "AlwaysAllow";
    return out;
  };
  // An eviction of the primary waits until the operator has switched over; then the pod is a standby. Each pod is in
  // one budget only.
  return {budget(context.names().postgres_primary(), "primary", 1),
          budget(context.names().postgres(), "standby", instances - 2)};
}

}  // namespace cadence::resources
