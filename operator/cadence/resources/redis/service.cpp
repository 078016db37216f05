#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/redis/redis.hpp"

namespace cadence::resources {

kube::types::Service build_redis_service(const Context& context) {
  kube::types::Service out;
  out.metadata = child_metadata(context, context.names().redis(), kRedis);
  out.spec.type = "ClusterIP";
  out.spec.cluster_ip = "None";
  // Nodes meet before they are ready.
  out.spec.publish_not_ready_addresses = true;
  out.spec.selector = names::selector_of(context.name(), kRedis);
  out.spec.ports = {{.name = "redis", .port = 6379, .target_port = "redis"},
                    {.name = "bus", .port = 16379, .target_port = "bus"}};
  return out;
}

kube::types::PodDisruptionBudget build_redis_pdb(const Context& context) {
  kube::types::PodDisruptionBudget out;
  out.metadata = child_metadata(context, context.names().redis(), kRedis);
  out.spec.max_unavailable = 1;
  out.spec.selector.match_labels = names::selector_of(context.name(), kRedis);
  // An unready node may hold the only copy in memory: unlike elsewhere it may be evicted only while the others are
  // well.
  return out;
}

}  // namespace cadence::resources
