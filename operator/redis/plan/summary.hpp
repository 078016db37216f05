// The same picture for people: which pod leads which shard and how many slots are served. Pure.
#pragma once

#include <string>
#include <vector>

#include "redis/plan/plan.hpp"

namespace cadence::redis::plan {

struct ShardSummary {
  int index = 0;
  std::string master;                 // a pod; empty while there is none
  std::vector<std::string> replicas;  // pods whose copy is in step
  int slots = 0;                      // owned by a living master
};

struct Summary {
  std::vector<ShardSummary> shards;
  int slots_owned = 0;    // by living masters
  int formed_shards = 0;  // masters with slots, alive or not: never remove pods of these
};

Summary summarize(const DesiredTopology& desired, const Observation& observation);

}  // namespace cadence::redis::plan
