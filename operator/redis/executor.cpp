#include "redis/executor.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace cadence::redis {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kProbesAtOnce = 16;

Unreachable unreachable(const Error& error) {
  Silence silence = Silence::Other;
  if (error.kind == ErrorKind::Forbidden) silence = Silence::Forbidden;
  if (error.message.find("refused") != std::string::npos && error.kind == ErrorKind::Transient)
    silence = Silence::Refused;
  if (error.message.find("in time") != std::string::npos) silence = Silence::TimedOut;
  if (error.message.find("LOADING") != std::string::npos) silence = Silence::Loading;
  if (error.message.find("BUSY ") != std::string::npos) silence = Silence::Busy;
  const auto shut = error.message.find("'" + std::string(kShut));
  if (shut == std::string::npos) return {base::system_clock().wall(), silence, error.message};
  const auto sentence = error.message.substr(shut + 1 + kShut.size());
  return {base::system_clock().wall(), Silence::Shut, sentence.substr(0, sentence.rfind('\''))};
}

base::Result<Reachable> read_view(Connection& connection, const Limits& limits) {
  auto replies =
      connection.pipeline({{"CLUSTER", "MYID"}, {"CLUSTER", "INFO"}, {"CLUSTER", "NODES"}, {"INFO"}}, limits);
  if (!replies) return replies.error();
  for (const auto& reply : *replies) {
    if (reply.is_error()) return to_error(reply);
  }
  Reachable out;
  out.node_id = (*replies)[0].text;
  auto cluster = parse_cluster_info((*replies)[1].text);
  auto nodes = parse_cluster_nodes((*replies)[2].text);
  auto server = parse_info((*replies)[3].text);
  if (!cluster) return cluster.error();
  if (!nodes) return nodes.error();
  if (!server) return server.error();
  out.cluster = *cluster;
  out.nodes = std::move(*nodes);
  out.server = *server;
  if (out.myself() == nullptr) return Error{ErrorKind::Transient, "Redis changed its node id while it was asked"};
  return out;
}

base::Result<Reachable> view_of(const Address& address, const Credentials& credentials, const Limits& limits) {
  auto connection = Connection::open({.address = address, .unix_socket = {}}, credentials, limits);
  if (!connection) return connection.error();
  return read_view(*connection, limits);
}

Error not_as_planned(const std::string& what) { return {ErrorKind::Conflict, what}; }

// What must hold on the node right before each step; Redis itself checks the rest.

base::Result<void> check(const SetConfigEpoch&, const Reachable& node) {
  if (node.nodes.size() > 1) return not_as_planned("it has met other nodes already");
  return base::ok();
}

base::Result<void> check(const Meet&, const Reachable&) { return base::ok(); }

base::Result<void> check(const AddSlots& step, const Reachable& node) {
  if (!node.myself()->is_master) return not_as_planned("it is no master any more");
  for (const auto& entry : node.nodes) {
    for (const auto& owned : entry.slots) {
      const auto overlaps = [&](const SlotRange& wanted) {
        return wanted.first <= owned.last && owned.first <= wanted.last;
      };
      if (std::any_of(step.ranges.begin(), step.ranges.end(), overlaps))
        return not_as_planned("slots " + to_string({owned}) + " belong to " + entry.id);
    }
  }
  return base::ok();
}

base::Result<void> check(const Replicate& step, const Reachable& node) {
  const auto& self = *node.myself();
  if (self.master_id != step.current_master_id) return not_as_planned("its master is '" + self.master_id + "'");
  if (self.is_master && (!self.slots.empty() || node.server.keys > 0)) return not_as_planned("it holds data");
  const auto* master = node.entry(step.master_id);
  if (master == nullptr || !master->is_master) return not_as_planned(step.master_id + " is no master in its view");
  return base::ok();
}

base::Result<void> check(const Forget& step, const Reachable& node) {
  const auto* peer = node.entry(step.peer_id);
  if (peer != nullptr && !peer->slots.empty() && !step.may_own_slots)
    return not_as_planned(step.peer_id + " owns slots");
  if (node.myself()->master_id == step.peer_id) return not_as_planned(step.peer_id + " is its master");
  return base::ok();
}

base::Result<void> check(const TakeOver& step, const Reachable& node) {
  const auto& self = *node.myself();
  if (self.is_master || self.master_id != step.master_id)
    return not_as_planned("its master is '" + self.master_id + "'");
  const auto* master = node.entry(step.master_id);
  // At the address of a node that lost its name another one may answer.
  const bool is_seen = master != nullptr && !master->has_no_address && !master->is_failed && master->is_link_up;
  if (is_seen && node.server.is_master_link_up) return not_as_planned("its master answers");
  return base::ok();
}

// The address may belong to another cluster by now: a stranger does not take our password, or answers with another id.
base::Result<void> check_peer(const Meet& step, const Credentials& credentials, const Limits& limits) {
  auto connection = Connection::open({.address = step.peer, .unix_socket = {}}, credentials, limits);
  if (!connection) return connection.error();
  auto id = connection->call({"CLUSTER", "MYID"}, limits);
  if (!id) return id.error();
  if (id->text != step.peer_id) return not_as_planned(to_string(step.peer) + " is node " + id->text + " now");
  return base::ok();
}

base::Result<void> run(const Credentials& credentials, const Command& command, const Limits& limits) {
  auto connection = Connection::open({.address = command.address, .unix_socket = {}}, credentials, limits);
  if (!connection) return connection.error();
  const auto view = read_view(*connection, limits);
  if (!view) return view.error();
  if (view->node_id != command.node_id) return not_as_planned("the node there is " + view->node_id + " now");
  if (auto holds = std::visit([&](const auto& step) { return check(step, *view); }, command.step); !holds) return holds;
  if (const auto* meet = std::get_if<Meet>(&command.step)) {
    if (auto known = check_peer(*meet, credentials, limits); !known) return known;
  }
  if (const auto* forget = std::get_if<Forget>(&command.step);
      forget != nullptr && view->entry(forget->peer_id) == nullptr)
    return base::ok();
  auto reply = connection->call(to_arguments(command), limits);
  if (!reply) return reply.error();
  return base::ok();
}

}  // namespace

ProbeResult probe(const Target& target, const Limits& limits) {
  auto view = view_of(target.address, target.credentials, limits);
  for (const auto& earlier : target.earlier) {
    if (view || view.error().kind != ErrorKind::Forbidden) break;
    view = view_of(target.address, earlier, limits);
    if (view) view->takes_earlier = true;
  }
  if (!view) return unreachable(view.error());
  if (view->server.is_loading)
    return Unreachable{base::system_clock().wall(), Silence::Loading, "Redis loads its data"};
  return std::move(*view);
}

std::map<std::string, ProbeResult> probe_all(const std::vector<Target>& targets, const Limits& limits) {
  std::map<std::string, ProbeResult> out;
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < targets.size(); i = next++) {
      auto result = probe(targets[i], limits);
      const std::scoped_lock lock(mutex);
      out.insert_or_assign(targets[i].pod, std::move(result));
    }
  };
  std::vector<std::jthread> workers;
  for (std::size_t i = 0; i < std::min(kProbesAtOnce, targets.size()); ++i) workers.emplace_back(work);
  workers.clear();
  return out;
}

base::Result<void> execute(const Credentials& credentials, const Command& command, const Limits& limits) {
  auto done = run(credentials, command, limits);
  if (!done) return done.error().with_context("Could not change Redis on " + command.pod);
  return done;
}

base::Result<void> execute(const std::vector<Credentials>& credentials, const Command& command, const Limits& limits) {
  base::Result<void> done = Error{ErrorKind::Forbidden, "No password for Redis is known"};
  for (const auto& one : credentials) {
    done = execute(one, command, limits);
    if (done || done.error().kind != ErrorKind::Forbidden) break;
  }
  return done;
}

}  // namespace cadence::redis
