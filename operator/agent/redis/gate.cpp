#include "agent/redis/gate.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/log.hpp"

namespace cadence::agent::redis {
namespace {

namespace redis = cadence::redis;
namespace fs = std::filesystem;

const redis::NodeEntry* own_entry(const std::vector<redis::NodeEntry>& table) {
  const auto found = std::find_if(table.begin(), table.end(), [](const auto& node) { return node.is_myself; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

std::vector<redis::NodeEntry> read_node_table(const std::string& data_folder) {
  std::ifstream file(data_folder + "/nodes.conf");
  std::string lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("vars ")) lines += line + "\n";
  }
  auto table = redis::parse_cluster_nodes(lines);
  if (table) return std::move(*table);
  if (!lines.empty()) base::log_warning("Could not read the node table on the volume", {{"error", table.error().message}});
  return {};
}

bool has_dataset(const std::string& data_folder) {
  std::error_code ignored;
  if (fs::file_size(data_folder + "/dump.rdb", ignored) > 0 && !ignored) return true;
  for (const auto& file : fs::directory_iterator(data_folder + "/appendonlydir", ignored)) {
    if (file.path().extension() == ".manifest") return true;
  }
  return false;
}

bool is_dangerous(const std::vector<redis::NodeEntry>& table, bool has_data) {
  const auto* self = own_entry(table);
  if (has_data || self == nullptr || self->slots.empty()) return false;
  return std::any_of(table.begin(), table.end(), [&](const auto& node) { return node.master_id == self->id; });
}

bool still_leads(const std::vector<redis::NodeEntry>& table, const redis::Credentials& credentials, std::chrono::milliseconds bound) {
  const auto* self = own_entry(table);
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + bound};
  for (const auto& peer : table) {
    if (peer.is_myself || peer.has_no_address) continue;
    auto connection = redis::Connection::open({.address = peer.address, .unix_socket = {}}, credentials, limits);
    if (!connection) continue;
    const auto answer = connection->call({"CLUSTER", "NODES"}, limits);
    if (!answer) continue;
    const auto view = redis::parse_cluster_nodes(answer->text);
    if (!view) continue;
    const auto seen = std::find_if(view->begin(), view->end(), [&](const auto& node) { return node.id == self->id; });
    if (seen == view->end() || seen->slots.empty()) return false;
  }
  return true;
}

}  // namespace cadence::agent::redis
