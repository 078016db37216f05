// The children of the Redis component. Forming the cluster out of the pods is the plan's work, not said here.
#pragma once

#include "cadence/resources/common/context.hpp"
#include "kube/types/apps.hpp"
#include "kube/types/core.hpp"
#include "kube/types/policy.hpp"

namespace cadence::resources {

// redis.conf without secrets and without what a pod adds itself (its address, its ACL file).
std::string redis_configuration(const Context& context);

// How many shards have pods.
int redis_shard_count(const Context& context);

kube::types::ConfigMap build_redis_config(const Context& context);
kube::types::Service build_redis_service(const Context& context);
kube::types::PodDisruptionBudget build_redis_pdb(const Context& context);
// `partition`: pods numbered below it keep the old template, so that shards and their masters can be updated one after
// another.
kube::types::StatefulSet build_redis_stateful_set(const Context& context, int shard, int partition = 0);

}  // namespace cadence::resources
