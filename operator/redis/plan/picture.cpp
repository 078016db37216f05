#include "redis/plan/picture.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace cadence::redis::plan {
Picture::Picture(const Observation& observation) : observation_(&observation) {
  collect_members(observation);
  collect_owners();
  merge_slots();
}

void Picture::collect_members(const Observation& observation) {
  std::set<std::string> ids;
  for (const auto& pod : observation.pods) {
    const auto* node = std::get_if<Reachable>(&pod.probe);
    if (node == nullptr || node->myself() == nullptr) {
      silent_.push_back(&pod);
      continue;
    }
    has_duplicate_ids_ |= !ids.insert(node->node_id).second;
    members_.push_back({&pod, node});
  }
  const auto place = [](const PodView& pod) { return std::tie(pod.shard, pod.ordinal, pod.name); };
  std::sort(members_.begin(), members_.end(),
            [&](const Member& a, const Member& b) { return place(*a.pod) < place(*b.pod); });
  std::sort(silent_.begin(), silent_.end(), [&](const PodView* a, const PodView* b) { return place(*a) < place(*b); });
}

void Picture::collect_owners() {
  for (const auto& viewer : members_) {
    for (const auto& entry : viewer.node->nodes) {
      const bool is_own = entry.id == viewer.id();
      // A living node speaks for itself.
      if (entry.slots.empty() || (!is_own && member(entry.id) != nullptr)) continue;
      auto& owner = owners_[entry.id];
      if (!owner.id.empty() && owner.epoch >= entry.config_epoch) continue;
      owner = {entry.id, entry.config_epoch, entry.slots, entry};
    }
  }
}

void Picture::merge_slots() {
  std::array<const Owner*, kSlotCount> best{};
  const auto beats = [&](const Owner& a, const Owner& b) {
    const bool a_lives = member(a.id) != nullptr, b_lives = member(b.id) != nullptr;
    return std::tie(a.epoch, a_lives, a.id) > std::tie(b.epoch, b_lives, b.id);
  };
  for (const auto& [id, owner] : owners_) {
    for (const auto& range : owner.claims) {
      for (int slot = range.first; slot <= range.last; ++slot) {
        auto& current = best[static_cast<std::size_t>(slot)];
        if (current == nullptr || beats(owner, *current)) current = &owner;
      }
    }
  }
  for (auto run = best.begin(); run != best.end();) {
    const auto end = std::find_if(run, best.end(), [&](const Owner* owner) { return owner != *run; });
    auto& ranges = *run == nullptr ? unowned_ : slots_by_owner_[(*run)->id];
    ranges.push_back({static_cast<int>(run - best.begin()), static_cast<int>(end - best.begin()) - 1});
    run = end;
  }
}

std::vector<const Member*> Picture::members_of(int shard) const {
  std::vector<const Member*> out;
  for (const auto& member : members_) {
    if (member.pod->shard == shard) out.push_back(&member);
  }
  return out;
}

const Member* Picture::member(const std::string& id) const {
  const auto found =
      std::find_if(members_.begin(), members_.end(), [&](const Member& member) { return member.id() == id; });
  return found == members_.end() ? nullptr : &*found;
}

std::vector<SlotRange> Picture::slots_of(const std::string& id) const {
  const auto found = slots_by_owner_.find(id);
  return found == slots_by_owner_.end() ? std::vector<SlotRange>{} : found->second;
}

int Picture::shard_of(const std::string& id) const {
  if (const auto* alive = member(id)) return alive->pod->shard;
  for (const auto& member : members_) {
    if (member.self().master_id == id) return member.pod->shard;
  }
  const auto owner = owners_.find(id);
  if (owner == owners_.end()) return -1;
  const auto& entry = owner->second.entry;
  const auto host = entry.hostname.substr(0, entry.hostname.find('.'));
  for (const auto& pod : observation_->pods) {
    // A living pod at that address is another node by now.
    if (pod.name == host || (pod.address == entry.address && std::holds_alternative<Unreachable>(pod.probe)))
      return pod.shard;
  }
  return -1;
}

const Member* Picture::master_of(int shard) const {
  const Member* best = nullptr;
  const auto rank = [&](const Member& candidate) {
    const auto followers = std::count_if(members_.begin(), members_.end(),
                                         [&](const Member& other) { return other.self().master_id == candidate.id(); });
    return std::make_tuple(count_slots(slots_of(candidate.id())), candidate.self().is_master, followers,
                           candidate.node->server.keys);
  };
  for (const auto* candidate : members_of(shard)) {
    if (best == nullptr || rank(*candidate) > rank(*best)) best = candidate;
  }
  return best;
}

bool knows(const Member& from, const Member& to) {
  const auto* entry = from.node->entry(to.id());
  return entry != nullptr && !entry->has_no_address && !entry->is_handshaking && entry->address == to.address();
}

bool is_greeting(const Member& from, const Address& to) {
  const auto& nodes = from.node->nodes;
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](const NodeEntry& entry) { return entry.is_handshaking && entry.address == to; });
}

}  // namespace cadence::redis::plan
