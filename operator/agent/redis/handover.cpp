#include "agent/redis/handover.hpp"

#include <optional>

#include "redis/topology.hpp"

namespace cadence::agent::redis {
namespace {

namespace redis = cadence::redis;
using base::Error;
using base::ErrorKind;

constexpr std::chrono::milliseconds kLook{20};

base::Result<std::vector<redis::NodeEntry>> nodes_of(redis::Connection& connection, const redis::Limits& limits) {
  const auto answer = connection.call({"CLUSTER", "NODES"}, limits);
  if (!answer) return answer.error();
  return redis::parse_cluster_nodes(answer->text);
}

redis::NodeEntry own_entry(const std::vector<redis::NodeEntry>& nodes) {
  for (const auto& node : nodes) {
    if (node.is_myself) return node;
  }
  return {};
}

base::Result<std::int64_t> offset_of(redis::Connection& replica, const redis::Limits& limits) {
  const auto answer = replica.call({"INFO"}, limits);
  if (!answer) return answer.error();
  const auto server = redis::parse_info(answer->text);
  if (!server) return server.error();
  if (server->is_master || !server->is_master_link_up) return Error{ErrorKind::Transient, "The replica is not in step"};
  return server->replication_offset;
}

// The replica that misses least. Asks the cluster's table, not INFO replication: followers from outside are listed
// there, too.
std::optional<redis::Connection> best_heir(const std::vector<redis::NodeEntry>& nodes,
                                           const redis::Credentials& credentials, const redis::Limits& limits) {
  std::optional<redis::Connection> best;
  std::int64_t best_offset = -1;
  const auto self = own_entry(nodes);
  for (const auto& node : nodes) {
    if (node.master_id != self.id || !node.is_link_up || node.is_failed || node.is_suspected) continue;
    auto connection = redis::Connection::open({.address = node.address, .unix_socket = {}}, credentials, limits);
    if (!connection) continue;
    const auto offset = offset_of(*connection, limits);
    if (!offset || *offset <= best_offset) continue;
    best_offset = *offset;
    best = std::move(*connection);
  }
  return best;
}

}  // namespace

base::Result<bool> hand_over(const redis::Endpoint& self, const redis::Credentials& credentials,
                             std::chrono::milliseconds bound) {
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + bound};
  auto own = redis::Connection::open(self, credentials, limits);
  if (!own) return own.error();
  const auto nodes = nodes_of(*own, limits);
  if (!nodes) return nodes.error();
  if (!own_entry(*nodes).is_master || own_entry(*nodes).slots.empty()) return false;
  auto heir = best_heir(*nodes, credentials, limits);
  if (!heir) return Error{ErrorKind::NotFound, "No replica in step answered"};
  if (const auto accepted = heir->call({"CLUSTER", "FAILOVER"}, limits); !accepted) return accepted.error();
  while (base::system_clock().monotonic() < limits.deadline) {
    const auto now = nodes_of(*own, limits);
    if (!now) return now.error();
    if (!own_entry(*now).is_master) return true;
    base::wait_for({}, kLook);
  }
  return Error{ErrorKind::Transient, "The replica did not take over in time"};
}

}  // namespace cadence::agent::redis
