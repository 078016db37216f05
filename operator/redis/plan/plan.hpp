// What to do next so that the pods of one Redis Cluster become, or stay, whole. Pure: (desired, observed) to a short
// list of commands. Promises: each prefix of the list is a legal state, so it may be interrupted anywhere and planned
// again from what is then seen; slots that any node is known to own are never given to another one; data that is gone
// is said, never papered over. Remembers nothing. Does not know Kubernetes: the caller tells which pod belongs to which
// shard.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "redis/command.hpp"
#include "redis/topology.hpp"

namespace cadence::redis::plan {

using redis::Command;

struct DesiredTopology {
  int shards = 3;
  int replicas_per_shard = 1;
  bool was_formed = false;  // recorded once all slots had an owner
  bool is_cache = false;    // no persistence: empty shards may be started again
  std::set<int> accept_data_loss;
  int formed_shards = 0;  // recorded with was_formed: how many it was formed with; 0: unknown
};

struct PodView {
  std::string name;
  int shard = 0, ordinal = 0;
  Address address;
  ProbeResult probe = Unreachable{};
  bool is_going = false;  // deletion was asked for
};

struct Observation {
  std::vector<PodView> pods;
};

enum class Phase {
  Waiting,  // for pods
  Forming,
  Healing,
  Frozen,  // a person must decide
  Healthy,
};
std::string_view to_string(Phase phase);

struct Problem {
  std::string reason;   // NotImplemented, NodeShut, SlotsMoving, DataLost, Ambiguous: for a condition
  std::string message;  // a sentence
};

struct Plan {
  Phase phase = Phase::Waiting;
  std::string message;  // what is done or waited for, a sentence
  std::vector<Command> commands;
  std::vector<Problem> problems;
  bool is_formed = false;  // to be recorded
  std::chrono::milliseconds requeue_after{};
};

Plan plan_redis(const DesiredTopology& desired, const Observation& observation);

// The slots that a shard gets when the cluster is formed.
SlotRange range_of_shard(int shard, int shards);
int shard_of_slot(int slot, int shards);

std::string to_text(const Plan& plan);

}  // namespace cadence::redis::plan
