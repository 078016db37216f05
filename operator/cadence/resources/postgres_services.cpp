#include "cadence/resources/labels.hpp"
#include "cadence/resources/postgres.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

types::Service service(const Context& context, const std::string& name, const std::string& role) {
  types::Service out;
  out.metadata = child_metadata(context, name, kPostgres);
  out.spec.type = "ClusterIP";
  out.spec.selector = selector_of(context.name(), kPostgres);
  if (!role.empty()) out.spec.selector[kRoleLabel] = role;
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
  return {headless, service(context, context.names().postgres_rw(), "primary"), service(context, context.names().postgres_ro(), "standby"),
          service(context, context.names().postgres_r(), "")};
}

types::PodDisruptionBudget build_postgres_pdb(const Context& context) {
  types::PodDisruptionBudget out;
  out.metadata = child_metadata(context, context.names().postgres(), kPostgres);
  out.spec.max_unavailable = 1;
  out.spec.selector.match_labels = selector_of(context.name(), kPostgres);
  return out;
}

}  // namespace cadence::resources
