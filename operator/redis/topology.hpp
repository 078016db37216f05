// What one Redis node says about itself and its cluster, as values: the parsers of CLUSTER NODES, CLUSTER INFO and
// INFO, and the answer of a probe. Pure. Promises: a text that is not understood is an error, never an empty cluster.
// Does not know pods.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace cadence::redis {

inline constexpr int kSlotCount = 16384;
inline constexpr std::uint16_t kDefaultPort = 6379;

struct Address {
  std::string ip;
  std::uint16_t port = kDefaultPort;
  auto operator<=>(const Address&) const = default;
};
std::string to_string(const Address& address);  // 10.0.0.1:6379, [fd00::1]:6379

// Both ends belong to it.
struct SlotRange {
  int first = 0, last = -1;
  [[nodiscard]] int size() const { return last - first + 1; }
  auto operator<=>(const SlotRange&) const = default;
};
std::string to_string(const std::vector<SlotRange>& ranges);  // 0-99,120
int count_slots(const std::vector<SlotRange>& ranges);

// A slot in migration, as the node's own line shows it.
struct OpenSlot {
  int slot = 0;
  bool is_importing = false;
  std::string peer_id;
  auto operator<=>(const OpenSlot&) const = default;
};

// One line of CLUSTER NODES: an entry of the answering node's table.
struct NodeEntry {
  std::string id;
  Address address;  // the ip is empty when the node does not know it
  std::string hostname;
  bool is_myself = false, is_master = false, is_replica = false;
  bool is_suspected = false;    // fail?
  bool is_failed = false;       // fail: the majority agreed
  bool is_handshaking = false;  // the id is a placeholder
  bool has_no_address = false;  // noaddr
  bool is_link_up = false;
  std::string master_id;  // of a replica
  std::uint64_t config_epoch = 0;
  std::vector<SlotRange> slots;
  std::vector<OpenSlot> open;
};
base::Result<std::vector<NodeEntry>> parse_cluster_nodes(std::string_view text);

struct ClusterInfo {
  bool is_ok = false;  // cluster_state
  int slots_assigned = 0, slots_ok = 0;
  int known_nodes = 0, masters_with_slots = 0;
  std::uint64_t current_epoch = 0, my_epoch = 0;
};
base::Result<ClusterInfo> parse_cluster_info(std::string_view text);

struct ServerInfo {
  std::string version;
  bool is_loading = false;
  bool is_master = true;
  Address master;  // of a replica: whom it really dials
  bool is_master_link_up = false;
  std::int64_t link_down_seconds = -1;  // of a replica; -1: up, or never was
  bool has_synced = false;              // a replica that once had its master's data
  std::int64_t replication_offset = 0;
  std::int64_t keys = 0;
  std::int64_t used_memory = 0, max_memory = 0;
  std::int64_t uptime_seconds = 0;
};
base::Result<ServerInfo> parse_info(std::string_view text);

struct Reachable {
  std::string node_id;
  ClusterInfo cluster;
  ServerInfo server;
  std::vector<NodeEntry> nodes;  // its table, its own entry among them
  bool takes_earlier = false;    // it refused the newest password that is known, and took an earlier one
  [[nodiscard]] const NodeEntry* myself() const;
  [[nodiscard]] const NodeEntry* entry(const std::string& id) const;
};

enum class Silence {
  Refused,    // the host answers, the process does not
  TimedOut,   // no answer: no evidence of death
  Forbidden,  // our credentials were refused
  Loading,    // alive, reads its data from disk
  Busy,       // alive, runs a script or function without end and answers nothing else
  Shut,       // the agent keeps the server from starting and says why
  Other,
};
std::string_view to_string(Silence silence);

// How an agent that keeps its server shut begins every answer; the sentence that follows says why.
inline constexpr std::string_view kShut = "SHUT ";

struct Unreachable {
  base::Wall since{};  // when it was asked
  Silence silence = Silence::Other;
  std::string reason;
};

using ProbeResult = std::variant<Reachable, Unreachable>;

}  // namespace cadence::redis
