#include "agent/redis/survey.hpp"

#include <netdb.h>

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "redis/executor.hpp"

namespace cadence::agent::redis {
namespace {

namespace redis = cadence::redis;

constexpr std::int64_t kJustNow = 60;  // seconds

bool has_data(const redis::ServerInfo& server) { return server.keys > 0 || server.has_synced; }

}  // namespace

Slots to_slots(const std::vector<redis::SlotRange>& ranges) {
  Slots out;
  for (const auto& range : ranges) {
    for (int slot = range.first; slot <= range.last; ++slot) out.set(static_cast<std::size_t>(slot));
  }
  return out;
}

std::vector<redis::Address> resolve(const std::vector<std::string>& names, std::uint16_t port) {
  std::vector<redis::Address> out;
  for (const auto& name : names) {
    const auto parts = base::split(name, ':');
    const auto number = parts.size() == 2 ? base::parse_integer(parts[1]) : std::nullopt;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(parts.front().c_str(), nullptr, &hints, &found) != 0) continue;
    for (const auto* one = found; one != nullptr; one = one->ai_next) {
      char text[NI_MAXHOST];
      if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) continue;
      out.push_back({text, number ? static_cast<std::uint16_t>(*number) : port});
    }
    freeaddrinfo(found);
  }
  return out;
}

Survey ask_peers(std::vector<redis::Address> addresses, const redis::Credentials& credentials,
                 std::chrono::milliseconds bound) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  std::vector<redis::Target> targets;
  for (const auto& address : addresses) targets.push_back({to_string(address), address, credentials});
  auto answers = redis::probe_all(targets, {.deadline = base::system_clock().monotonic() + bound});
  Survey out;
  for (const auto& target : targets) {
    auto* node = std::get_if<redis::Reachable>(&answers.at(target.pod));
    if (node != nullptr && node->myself() != nullptr) out.push_back({target.address, std::move(*node)});
  }
  return out;
}

Slots served_by(const Survey& survey, std::uint64_t epoch) {
  Slots out;
  for (const auto& peer : survey) {
    const auto& self = *peer.node.myself();
    if (self.is_master && self.config_epoch >= epoch) out |= to_slots(self.slots);
  }
  return out;
}

const Peer* heir_of(const Survey& survey, const std::string& id, bool in_step) {
  const Peer* best = nullptr;
  for (const auto& peer : survey) {
    const auto& server = peer.node.server;
    if (peer.node.myself()->master_id != id || !has_data(server)) continue;
    if (in_step && !server.is_master_link_up && (server.link_down_seconds < 0 || server.link_down_seconds > kJustNow))
      continue;
    if (best == nullptr || server.replication_offset > best->node.server.replication_offset) best = &peer;
  }
  return best;
}

bool can_elect(const Survey& survey, const Peer& heir) {
  const auto owners = std::count_if(heir.node.nodes.begin(), heir.node.nodes.end(),
                                    [](const auto& node) { return !node.slots.empty(); });
  const auto voters =
      std::count_if(survey.begin(), survey.end(), [](const Peer& peer) { return !peer.node.myself()->slots.empty(); });
  return voters * 2 > owners;
}

base::Result<void> ask_to_lead(const Peer& heir, const redis::Credentials& credentials,
                               std::chrono::milliseconds bound) {
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + bound};
  auto connection = redis::Connection::open({.address = heir.address, .unix_socket = {}}, credentials, limits);
  if (!connection) return connection.error();
  if (auto answer = connection->call({"CLUSTER", "FAILOVER", "FORCE"}, limits); !answer) return answer.error();
  return base::ok();
}

}  // namespace cadence::agent::redis
