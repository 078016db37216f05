#include "redis/topology.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.hpp"

namespace cadence::redis {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kIdLength = 40;
constexpr std::size_t kFixedFields = 8;  // id address flags master ping pong epoch link

Error not_understood(std::string_view what, std::string_view text) {
  return {ErrorKind::Invalid,
          "Could not understand " + std::string(what) + ": '" + std::string(text.substr(0, 200)) + "'"};
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_id(std::string_view text) {
  return text.size() == kIdLength && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool read_slot(std::string_view text, int& slot) { return read_number(text, slot) && slot >= 0 && slot < kSlotCount; }

// ip:port@bus[,hostname[,…]]; the ip may be empty and may be IPv6.
bool read_address(std::string_view text, NodeEntry& entry) {
  const auto comma = text.find(',');
  if (comma != std::string_view::npos) {
    const auto rest = text.substr(comma + 1);
    entry.hostname = rest.substr(0, rest.find(','));
    text = text.substr(0, comma);
  }
  text = text.substr(0, text.find('@'));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  entry.address.ip = text.substr(0, colon);
  return read_number(text.substr(colon + 1), entry.address.port);
}

void read_flags(std::string_view text, NodeEntry& entry) {
  for (const auto& flag : base::split(text, ',')) {
    entry.is_myself |= flag == "myself";
    entry.is_master |= flag == "master";
    entry.is_replica |= flag == "slave" || flag == "replica";
    entry.is_suspected |= flag == "fail?";
    entry.is_failed |= flag == "fail";
    entry.is_handshaking |= flag == "handshake";
    entry.has_no_address |= flag == "noaddr";
  }
}

// 5, 0-5460, [93->-id] (migrating to), [77-<-id] (importing from)
bool read_slots(std::string_view text, NodeEntry& entry) {
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
    const auto dash = text.find('-');
    OpenSlot open;
    if (dash == std::string_view::npos || text.size() < dash + 4 || !read_slot(text.substr(0, dash), open.slot))
      return false;
    open.is_importing = text[dash + 1] == '<';
    open.peer_id = text.substr(dash + 3);
    entry.open.push_back(open);
    return is_id(open.peer_id);
  }
  SlotRange range;
  const auto dash = text.find('-');
  if (!read_slot(text.substr(0, dash), range.first)) return false;
  range.last = range.first;
  if (dash != std::string_view::npos && !read_slot(text.substr(dash + 1), range.last)) return false;
  entry.slots.push_back(range);
  return range.first <= range.last;
}

bool read_entry(std::string_view line, NodeEntry& entry) {
  const auto fields = base::split(line, ' ');
  if (fields.size() < kFixedFields || !is_id(fields[0])) return false;
  entry.id = fields[0];
  read_flags(fields[2], entry);
  if (!read_address(fields[1], entry) || !read_number(fields[6], entry.config_epoch)) return false;
  if (fields[3] != "-") entry.master_id = fields[3];
  entry.is_link_up = fields[7] == "connected";
  return std::all_of(fields.begin() + kFixedFields, fields.end(),
                     [&](const auto& field) { return read_slots(field, entry); });
}

using Settings = std::map<std::string, std::string, std::less<>>;

Settings read_settings(std::string_view text) {
  Settings out;
  for (const auto& raw : base::split(text, '\n')) {
    const auto line = base::trim(raw);
    const auto colon = line.find(':');
    if (line.empty() || line.front() == '#' || colon == std::string_view::npos) continue;
    out.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
  return out;
}

std::string_view text_of(const Settings& settings, std::string_view key) {
  const auto found = settings.find(key);
  return found == settings.end() ? std::string_view{} : std::string_view{found->second};
}

template <class Number>
Number number_of(const Settings& settings, std::string_view key, Number fallback = 0) {
  read_number(text_of(settings, key), fallback);
  return fallback;
}

}  // namespace

std::string to_string(const Address& address) {
  const bool is_v6 = address.ip.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.ip + "]" : address.ip) + ":" + std::to_string(address.port);
}

std::string to_string(const std::vector<SlotRange>& ranges) {
  std::string out;
  for (const auto& range : ranges) {
    if (!out.empty()) out += ',';
    out += std::to_string(range.first);
    if (range.last != range.first) out += "-" + std::to_string(range.last);
  }
  return out;
}

int count_slots(const std::vector<SlotRange>& ranges) {
  int out = 0;
  for (const auto& range : ranges) out += range.size();
  return out;
}

base::Result<std::vector<NodeEntry>> parse_cluster_nodes(std::string_view text) {
  std::vector<NodeEntry> out;
  for (const auto& raw : base::split(text, '\n')) {
    const auto line = base::trim(raw);
    if (line.empty()) continue;
    NodeEntry entry;
    if (!read_entry(line, entry)) return not_understood("a line of CLUSTER NODES", line);
    out.push_back(std::move(entry));
  }
  const auto own = std::count_if(out.begin(), out.end(), [](const auto& entry) { return entry.is_myself; });
  if (own != 1) return not_understood("CLUSTER NODES without the node's own line", text);
  return out;
}

base::Result<ClusterInfo> parse_cluster_info(std::string_view text) {
  const auto settings = read_settings(text);
  if (!settings.contains("cluster_state")) return not_understood("CLUSTER INFO", text);
  return ClusterInfo{.is_ok = text_of(settings, "cluster_state") == "ok",
                     .slots_assigned = number_of<int>(settings, "cluster_slots_assigned"),
                     .slots_ok = number_of<int>(settings, "cluster_slots_ok"),
                     .known_nodes = number_of<int>(settings, "cluster_known_nodes"),
                     .masters_with_slots = number_of<int>(settings, "cluster_size"),
                     .current_epoch = number_of<std::uint64_t>(settings, "cluster_current_epoch"),
                     .my_epoch = number_of<std::uint64_t>(settings, "cluster_my_epoch")};
}

base::Result<ServerInfo> parse_info(std::string_view text) {
  const auto settings = read_settings(text);
  if (!settings.contains("redis_version") || !settings.contains("role")) return not_understood("INFO", text);
  ServerInfo out;
  out.version = text_of(settings, "redis_version");
  out.is_loading = text_of(settings, "loading") == "1";
  out.is_master = text_of(settings, "role") == "master";
  out.master = {std::string(text_of(settings, "master_host")), number_of<std::uint16_t>(settings, "master_port")};
  out.is_master_link_up = text_of(settings, "master_link_status") == "up";
  // -1 says that the link has never been up.
  out.link_down_seconds = number_of<std::int64_t>(settings, "master_link_down_since_seconds", -1);
  out.has_synced = out.is_master_link_up || out.link_down_seconds >= 0;
  out.replication_offset = out.is_master ? number_of<std::int64_t>(settings, "master_repl_offset")
                                         : number_of<std::int64_t>(settings, "slave_repl_offset");
  out.used_memory = number_of<std::int64_t>(settings, "used_memory");
  out.max_memory = number_of<std::int64_t>(settings, "maxmemory");
  out.uptime_seconds = number_of<std::int64_t>(settings, "uptime_in_seconds");
  const auto keyspace = text_of(settings, "db0");  // keys=3,expires=1,avg_ttl=0
  if (keyspace.starts_with("keys=")) read_number(keyspace.substr(5, keyspace.find(',') - 5), out.keys);
  return out;
}

const NodeEntry* Reachable::myself() const { return entry(node_id); }

const NodeEntry* Reachable::entry(const std::string& id) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

std::string_view to_string(Silence silence) {
  switch (silence) {
    case Silence::Refused:
      return "connection refused";
    case Silence::TimedOut:
      return "no answer";
    case Silence::Forbidden:
      return "credentials refused";
    case Silence::Loading:
      return "loading its data";
    case Silence::Busy:
      return "busy with a script";
    case Silence::Shut:
      return "kept shut by its agent";
    case Silence::Other:
      return "failed";
  }
  return "failed";
}

}  // namespace cadence::redis
