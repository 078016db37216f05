#include "agent/redis/gate.hpp"

#include <algorithm>
#include <filesystem>

#include "agent/redis/files.hpp"
#include "base/log.hpp"

namespace cadence::agent::redis {
namespace {

namespace redis = cadence::redis;

std::string end_file(const std::string& data) { return data + "/cadence/ended-well"; }

std::string way_out(int shard) {
  return " It starts by itself once other nodes serve its slots. If no pod of its shard has the data, restore the "
         "volume, or add " +
         (shard < 0 ? std::string("the shard") : std::to_string(shard)) +
         " to spec.redis.acceptDataLoss to start the shard empty";
}

bool is_followed(const NodeTable& table, const std::string& id) {
  return std::any_of(table.nodes.begin(), table.nodes.end(), [&](const auto& node) { return node.master_id == id; });
}

// Everything that the shard of this node answers for, as its own table has it. Where it says nothing, all slots.
void find_needed(const NodeTable& table, Finding& out) {
  const auto& self = *table.myself();
  const auto* owner = self.is_master ? &self : table.entry(self.master_id);
  if (owner == nullptr || owner->slots.empty()) {
    out.needed.set();
    return;
  }
  out.needed = to_slots(owner->slots);
  out.epoch = self.is_master ? self.config_epoch + 1 : owner->config_epoch;
  out.has_copies = !self.is_master || is_followed(table, self.id);
  if (self.is_master) out.heirs_of = self.id;
}

Threat threat_to(const Volume& volume) {
  if (volume.who.identity == Identity::Lost || (volume.who.identity == Identity::New && volume.has_data))
    return Threat::Nameless;
  if (volume.who.identity == Identity::New) return Threat::None;
  if (!volume.damage.empty()) return Threat::Damaged;
  const auto& self = *volume.who.table.myself();
  if (!self.is_master || self.slots.empty()) return Threat::None;
  const bool has_followers = is_followed(volume.who.table, self.id);
  if (!volume.has_data && volume.keeps_data) return Threat::NoData;
  if (!volume.has_data) return has_followers ? Threat::Emptied : Threat::None;
  return volume.ended_well || !has_followers ? Threat::None : Threat::Behind;
}

std::string sentence_for(Threat threat, const Volume& volume, int shard) {
  switch (threat) {
    case Threat::None:
      break;
    case Threat::Behind:
      return "It led when it crashed, and a replica in step may have more";
    case Threat::Emptied:
      return "It leads a shard and has lost what was in its memory; a replica takes over";
    case Threat::NoData:
      return "The append-only log in /data/appendonlydir is gone or has no manifest, but nodes.conf says that this "
             "node leads." +
             way_out(shard);
    case Threat::Damaged:
      return "Redis cannot load the data in /data/appendonlydir, which is left as it is: " + volume.damage + "." +
             way_out(shard);
    case Threat::Nameless:
      return "/data/nodes.conf and the agent's copy of it are lost or damaged, so this node does not know its id; its "
             "data is left as it is." +
             way_out(shard);
  }
  return "";
}

}  // namespace

Finding judge_volume(const Volume& volume, int shard) {
  Finding out;
  out.threat = threat_to(volume);
  if (out.threat == Threat::None) return out;
  if (out.threat == Threat::Nameless) {
    out.needed.set();
    out.has_copies = true;
  } else {
    find_needed(volume.who.table, out);
  }
  out.sentence = sentence_for(out.threat, volume, shard);
  return out;
}

Finding lost_everything(int shard) { return judge_volume({.who = {Identity::Lost, {}}, .damage = {}}, shard); }

bool leads_at(const Survey& survey, const redis::Address& self) {
  return std::any_of(survey.begin(), survey.end(), [&](const Peer& peer) {
    const auto& nodes = peer.node.nodes;
    return std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) {
      return !node.is_myself && node.address == self && !node.slots.empty();
    });
  });
}

bool is_over(const Finding& finding, const Survey& survey) {
  return finding.threat == Threat::None || (finding.needed & ~served_by(survey, finding.epoch)).none();
}

bool ended_well(const std::string& data_folder) {
  std::error_code ignored;
  return std::filesystem::exists(end_file(data_folder), ignored);
}

void mark_end(const std::string& data_folder, bool is_well) {
  std::error_code ignored;
  if (!is_well) {
    std::filesystem::remove(end_file(data_folder), ignored);
  } else if (auto written = write_durably(end_file(data_folder), "The server was told to stop and did.\n"); !written) {
    base::log_warning("Could not note the planned end", {{"error", written.error().message}});
  }
}

}  // namespace cadence::agent::redis
