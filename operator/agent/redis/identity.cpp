#include "agent/redis/identity.hpp"

#include <algorithm>
#include <bitset>
#include <cctype>
#include <filesystem>

#include "agent/redis/files.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::redis {
namespace {

namespace redis = cadence::redis;
namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

std::string own_file(const std::string& data) { return data + "/nodes.conf"; }
std::string copy_file(const std::string& data) { return data + "/cadence/nodes.conf"; }

bool is_id(const std::string& text) {
  return text.size() == 40 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool is_epochs(const std::string& line) {
  const auto words = base::split(line, ' ');
  return words.size() == 5 && words[1] == "currentEpoch" && base::parse_integer(words[2]) &&
         words[3] == "lastVoteEpoch" && base::parse_integer(words[4]);
}

bool is_sound(const std::vector<redis::NodeEntry>& nodes) {
  std::bitset<redis::kSlotCount> owned;
  for (const auto& node : nodes) {
    if (!is_id(node.id) || (!node.master_id.empty() && !is_id(node.master_id))) return false;
    for (const auto& range : node.slots) {
      for (int slot = range.first; slot <= range.last; ++slot) {
        if (slot < 0 || slot >= redis::kSlotCount || owned.test(static_cast<std::size_t>(slot))) return false;
        owned.set(static_cast<std::size_t>(slot));
      }
    }
  }
  return true;
}

}  // namespace

const redis::NodeEntry* NodeTable::myself() const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [](const auto& node) { return node.is_myself; });
  return found == nodes.end() ? nullptr : &*found;
}

const redis::NodeEntry* NodeTable::entry(const std::string& id) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

base::Result<NodeTable> parse_node_table(const std::string& text) {
  if (text.empty()) return Error{ErrorKind::NotFound, "it is empty"};
  if (text.find('\0') != std::string::npos) return Error{ErrorKind::Invalid, "it holds bytes that are no text"};
  std::string lines, epochs;
  for (const auto& line : base::split(text, '\n')) {
    if (line.starts_with("vars ")) epochs = line;
    else if (!line.empty()) lines += line + "\n";
  }
  if (text.back() != '\n' || !is_epochs(epochs)) return Error{ErrorKind::Invalid, "it is cut short"};
  auto nodes = redis::parse_cluster_nodes(lines);
  if (!nodes || !is_sound(*nodes)) return Error{ErrorKind::Invalid, "it is damaged"};
  return NodeTable{std::move(*nodes)};
}

base::Result<Recognition> recognize_node(const std::string& data) {
  const auto own_text = read_file(own_file(data)), copy_text = read_file(copy_file(data));
  const auto own = parse_node_table(own_text), copy = parse_node_table(copy_text);
  const bool is_own_right = own && (!copy || own->myself()->id == copy->myself()->id);
  if (is_own_right) return Recognition{Identity::Known, *own};
  if (copy) {
    base::log_warning("Restored nodes.conf from the agent's copy",
                      {{"problem", own ? "its node id is another one" : own.error().message}});
    if (auto written = write_durably(own_file(data), copy_text); !written) return written.error();
    return Recognition{Identity::Restored, *copy};
  }
  std::error_code ignored;
  const bool was_used = !own_text.empty() || fs::exists(copy_file(data), ignored);
  return Recognition{was_used ? Identity::Lost : Identity::New, {}};
}

void IdentityKeeper::look() {
  const auto text = read_file(own_file(data_));
  // The server writes in place: what is not whole now is so at the next look.
  if (text == seen_ || !parse_node_table(text)) return;
  if (auto written = write_durably(copy_file(data_), text); !written) {
    base::log_warning("Could not keep a copy of nodes.conf", {{"error", written.error().message}});
    return;
  }
  seen_ = text;
}

}  // namespace cadence::agent::redis
