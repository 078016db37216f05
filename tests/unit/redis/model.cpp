#include "model.hpp"

#include <algorithm>

namespace cadence::redis::plan {
namespace {

constexpr int kBlocksOfShard = 4;

std::string id_of(int number) {
  auto digits = std::to_string(number);
  return std::string(40 - digits.size(), 'a') + digits;
}

// Whole ranges: they are never cut in this model.
bool drop_claims(std::vector<SlotRange>& claims, const std::vector<SlotRange>& won) {
  return std::erase_if(claims, [&](const SlotRange& claim) {
           return std::any_of(won.begin(), won.end(), [&](const SlotRange& range) {
             return range.first <= claim.last && claim.first <= range.last;
           });
         }) > 0;
}

}  // namespace

// Their borders fall on those of the shards.
SlotRange Model::range_of(int block) const { return range_of_shard(block, blocks_); }

std::vector<SlotRange> Model::ranges_of(const std::set<int>& blocks) const {
  std::vector<SlotRange> out;
  for (const int block : blocks) {
    const auto range = range_of(block);
    if (!out.empty() && out.back().last + 1 == range.first) {
      out.back().last = range.last;
    } else {
      out.push_back(range);
    }
  }
  return out;
}

Model::Model(int shards, int replicas) : blocks_(shards * kBlocksOfShard) {
  for (int shard = 0; shard < shards; ++shard) {
    for (int ordinal = 0; ordinal <= replicas; ++ordinal) {
      ModelNode node;
      node.pod = "redis-" + std::to_string(shard) + "-" + std::to_string(ordinal);
      node.shard = shard;
      node.ordinal = ordinal;
      nodes.push_back(node);
      move(nodes.size() - 1);
      nodes.back().id = id_of(++next_name_);
    }
  }
}

void Model::move(std::size_t index) { nodes[index].address = {"10.0.0." + std::to_string(++next_name_), kDefaultPort}; }

bool Model::wipe(std::size_t index) {
  auto& node = nodes[index];
  std::set<int> elsewhere;
  for (const auto& other : nodes) {
    if (&other != &node) elsewhere.insert(other.writes.begin(), other.writes.end());
  }
  // Its slots need an heir who has heard of them, or the shard is lost by definition.
  const auto is_heir = [&](const ModelNode& other) {
    const auto known = other.table.find(node.id);
    return other.is_alive && other.master_id == node.id && other.writes == node.writes && known != other.table.end() &&
           !known->second.slots.empty();
  };
  const bool has_heir = std::any_of(nodes.begin(), nodes.end(), is_heir);
  if (!std::includes(elsewhere.begin(), elsewhere.end(), node.writes.begin(), node.writes.end()) ||
      (!node.slots.empty() && !has_heir))
    return false;
  // The last heir of an owner that is gone is the shard, written to or not.
  const auto inherits_with = [&](const ModelNode& other) {
    return &other != &node && other.master_id == node.master_id;
  };
  if (!node.master_id.empty() && find(node.master_id) == nullptr &&
      std::none_of(nodes.begin(), nodes.end(), inherits_with))
    return false;
  ModelNode fresh;
  fresh.pod = node.pod;
  fresh.shard = node.shard;
  fresh.ordinal = node.ordinal;
  fresh.is_alive = false;
  fresh.id = id_of(++next_name_);
  node = fresh;
  move(index);
  return true;
}

ModelNode* Model::find(const std::string& id) {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

NodeEntry Model::entry_of(const ModelNode& node) const {
  NodeEntry out;
  out.id = node.id;
  out.address = node.address;
  out.hostname = node.pod + ".redis.ns.svc";
  out.is_master = node.master_id.empty();
  out.is_replica = !out.is_master;
  out.is_link_up = true;
  out.master_id = node.master_id;
  out.config_epoch = node.epoch;
  out.slots = ranges_of(node.slots);
  return out;
}

Observation Model::observe() const {
  Observation out;
  for (const auto& node : nodes) {
    PodView pod{.name = node.pod,
                .shard = node.shard,
                .ordinal = node.ordinal,
                .address = node.address,
                .probe = Unreachable{},
                .is_going = false};
    if (node.is_alive) {
      Reachable view;
      view.node_id = node.id;
      auto own = entry_of(node);
      own.is_myself = true;
      view.nodes.push_back(own);
      for (const auto& [id, entry] : node.table) view.nodes.push_back(entry);
      // A slot has one owner in a node's eyes, whatever an entry that lost it still says.
      std::set<int> first_slots;
      int served = 0;
      for (const auto& entry : view.nodes) {
        for (int block = 0; block < blocks_; ++block) {
          const auto range = range_of(block);
          const bool is_claimed = std::any_of(entry.slots.begin(), entry.slots.end(), [&](const SlotRange& claim) {
            return claim.first <= range.first && range.last <= claim.last;
          });
          if (is_claimed && first_slots.insert(range.first).second) served += range.last - range.first + 1;
        }
      }
      view.cluster = {.is_ok = served == kSlotCount,
                      .slots_assigned = served,
                      .slots_ok = served,
                      .known_nodes = static_cast<int>(view.nodes.size()),
                      .masters_with_slots = 0,
                      .current_epoch = 0,
                      .my_epoch = node.epoch};
      view.server.is_master = node.master_id.empty();
      view.server.keys = static_cast<std::int64_t>(node.writes.size());
      const auto* master = view.entry(node.master_id);
      if (master != nullptr) view.server.master = master->address;
      view.server.has_synced = node.has_copy && !node.master_id.empty();
      view.server.replication_offset = node.writes.empty() ? 0 : *node.writes.rbegin();
      view.server.is_master_link_up = master != nullptr && reaches(node, master->id);
      pod.probe = view;
    }
    out.pods.push_back(pod);
  }
  return out;
}

bool Model::reaches(const ModelNode& from, const std::string& id) const {
  const auto entry = from.table.find(id);
  if (entry == from.table.end()) return false;
  return std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) {
    return node.id == id && node.is_alive && node.address == entry->second.address;
  });
}

bool Model::exchange(ModelNode& a, ModelNode& b) {
  bool changed = false;
  const auto learn = [&](ModelNode& who, const ModelNode& whom) {
    auto fresh = entry_of(whom);
    auto& known = who.table[whom.id];
    changed |= known.id != fresh.id || known.address != fresh.address || known.slots != fresh.slots ||
               known.master_id != fresh.master_id || known.config_epoch != fresh.config_epoch;
    known = fresh;
    for (auto& [id, entry] : who.table) {
      if (id != whom.id && entry.config_epoch < fresh.config_epoch) changed |= drop_claims(entry.slots, fresh.slots);
    }
    for (const auto& [id, entry] : whom.table) {
      if (id == who.id || who.table.contains(id) || who.banned.contains(id)) continue;
      who.table[id] = entry;
      changed = true;
    }
  };
  learn(a, b);
  learn(b, a);
  const auto yield_slots = [&](ModelNode& loser, const ModelNode& winner) {
    if (loser.epoch >= winner.epoch || !winner.master_id.empty()) return;
    const auto before = loser.slots.size();
    for (const int block : winner.slots) loser.slots.erase(block);
    if (loser.slots.size() == before) return;
    changed = true;
    if (loser.slots.empty()) loser.master_id = winner.id;
  };
  yield_slots(a, b);
  yield_slots(b, a);
  return changed;
}

bool Model::elect() {
  std::size_t voters = 0, alive = 0;
  for (const auto& node : nodes) {
    if (node.slots.empty()) continue;
    ++voters;
    alive += node.is_alive ? 1 : 0;
  }
  // Who has more of the log asks first and is elected (Redis Cluster specification, "Replica rank").
  const auto has_better = [&](const ModelNode& heir) {
    return std::any_of(nodes.begin(), nodes.end(), [&](const ModelNode& other) {
      return &other != &heir && other.is_alive && other.master_id == heir.master_id &&
             other.writes.size() > heir.writes.size();
    });
  };
  for (auto& node : nodes) {
    auto* master = find(node.master_id);
    const auto seen = node.table.find(node.master_id);
    const bool is_heir = node.is_alive && seen != node.table.end() && !seen->second.slots.empty() &&
                         (master == nullptr || !master->is_alive) && !has_better(node);
    // A wiped master is no voter of this model any more, so the rest must be more than half with it counted.
    if (!is_heir || alive * 2 <= voters + (master == nullptr ? 1 : 0)) continue;
    std::uint64_t top = 0;
    for (const auto& other : nodes) top = std::max(top, other.epoch);
    const auto old = node.master_id;
    inherit(node, seen->second.slots, top + 1);
    for (auto& other : nodes) {
      if (!other.is_alive) continue;
      if (const auto entry = other.table.find(old); entry != other.table.end()) entry->second.slots.clear();
    }
    return true;
  }
  return false;
}

void Model::copy_from_masters() {
  for (auto& node : nodes) {
    const auto* master = find(node.master_id);
    if (node.is_alive && master != nullptr && reaches(node, master->id)) {
      node.writes = master->writes;
      node.has_copy = true;
    }
  }
}

void Model::gossip() {
  // Nodes that never agree are a story that does not end whole, and not a test that hangs.
  constexpr int kMostRounds = 100;
  bool changed = true;
  for (int round = 0; changed && round < kMostRounds; ++round) {
    changed = false;
    for (auto& a : nodes) {
      for (auto& b : nodes) {
        if (&a != &b && a.is_alive && reaches(a, b.id)) changed |= exchange(a, b);
      }
    }
    // Followers of a demoted master go to the one who took its slots.
    for (auto& node : nodes) {
      const auto* master = find(node.master_id);
      if (node.is_alive && master != nullptr && master->is_alive && !master->master_id.empty()) {
        node.master_id = master->master_id == node.id ? "" : master->master_id;
        changed = true;
      }
    }
    changed |= elect();
  }
  copy_from_masters();
}

void Model::write() {
  for (auto& node : nodes) {
    if (!node.is_alive || node.slots.empty()) continue;
    node.writes.insert(++written);
  }
  copy_from_masters();
}

std::set<int> Model::readable_writes() const {
  std::set<int> out;
  for (const auto& node : nodes) {
    if (node.is_alive && !node.slots.empty()) out.insert(node.writes.begin(), node.writes.end());
  }
  return out;
}

void Model::apply(ModelNode& node, const SetConfigEpoch& step) {
  if (!node.table.empty() || node.epoch != 0) violations.push_back("epoch given too late");
  node.epoch = step.epoch;
}

void Model::apply(ModelNode& node, const Meet& step) {
  auto* peer = find(step.peer_id);
  if (peer == nullptr || !peer->is_alive || peer->address != step.peer) return;
  node.banned.erase(peer->id);
  exchange(node, *peer);
}

void Model::apply(ModelNode& node, const AddSlots& step) {
  if (!node.master_id.empty()) violations.push_back("slots for a replica");
  for (int block = 0; block < blocks_; ++block) {
    for (const auto& range : step.ranges) {
      if (range_of(block).first < range.first || range.last < range_of(block).last) continue;
      for (const auto& other : nodes) {
        if (other.slots.contains(block) && other.id != node.id)
          violations.push_back("slots of " + other.pod + " given to " + node.pod);
      }
      node.slots.insert(block);
    }
  }
}

void Model::apply(ModelNode& node, const Replicate& step) {
  auto* master = find(step.master_id);
  if (master == nullptr || !node.table.contains(step.master_id)) return;
  if (!node.slots.empty()) violations.push_back(node.pod + " replicates and owns slots");
  std::set<int> left;
  for (const auto& other : nodes) {
    if (&other != &node) left.insert(other.writes.begin(), other.writes.end());
  }
  if (!std::includes(left.begin(), left.end(), node.writes.begin(), node.writes.end()))
    violations.push_back(node.pod + " drops the last copy");
  node.has_copy = node.has_copy && node.master_id == step.master_id;
  node.master_id = step.master_id;
}

void Model::apply(ModelNode& node, const TakeOver& step) {
  if (node.master_id != step.master_id) return;
  if (find(step.master_id) != nullptr) violations.push_back(node.pod + " took over from a node that is there");
  const auto known = node.table.find(step.master_id);
  if (known == node.table.end()) return;
  for (const auto& other : nodes) {
    if (&other != &node && other.is_alive && other.master_id == step.master_id &&
        other.writes.size() > node.writes.size())
      violations.push_back(node.pod + " took over with less than " + other.pod);
  }
  std::uint64_t top = 0;
  for (const auto& entry : node.table) top = std::max(top, entry.second.config_epoch);
  inherit(node, known->second.slots, std::max(top, node.epoch) + 1);
}

void Model::inherit(ModelNode& node, std::vector<SlotRange> slots, std::uint64_t epoch) {
  for (int block = 0; block < blocks_; ++block) {
    for (const auto& range : slots) {
      if (range.first <= range_of(block).first && range_of(block).last <= range.last) node.slots.insert(block);
    }
  }
  if (const auto old = node.table.find(node.master_id); old != node.table.end()) old->second.slots.clear();
  node.master_id.clear();
  node.epoch = epoch;
}

void Model::apply(ModelNode& node, const Forget& step) {
  const auto* peer = find(step.peer_id);
  if (peer != nullptr && !peer->slots.empty()) violations.push_back("forgot " + peer->pod + ", which owns slots");
  if (node.master_id == step.peer_id) violations.push_back(node.pod + " forgot its master");
  node.table.erase(step.peer_id);
  node.banned.insert(step.peer_id);
}

void Model::execute(const Command& command) {
  auto* node = find(command.node_id);
  if (node == nullptr || !node->is_alive || node->address != command.address) return;
  std::visit([&](const auto& step) { apply(*node, step); }, command.step);
}

}  // namespace cadence::redis::plan
