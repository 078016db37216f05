#include <algorithm>

#include "redis/plan/rules.hpp"

namespace cadence::redis::plan {
namespace {

constexpr std::size_t kMostNamed = 8;

std::string name_of_shard(int shard) { return "shard " + std::to_string(shard); }

bool has_silent_pod(const Facts& facts, int shard) {
  const auto& silent = facts.picture.silent();
  return std::any_of(silent.begin(), silent.end(), [&](const PodView* pod) { return pod->shard == shard; });
}

bool has_heir(const Facts& facts, const std::string& owner) {
  const auto& members = facts.picture.members();
  return std::any_of(members.begin(), members.end(),
                     [&](const Member& member) { return member.self().master_id == owner; });
}

Problem data_lost(const std::string& what, int shard) {
  return {"DataLost", what + " Restore it from a backup, or add " + std::to_string(shard) +
                          " to spec.redis.acceptDataLoss to start the shard empty"};
}

// What a member that should be a copy of `master` must be told, if anything.
bool needs_attaching(const Facts& facts, const Member& member, const Member& master) {
  const auto& self = member.self();
  if (self.is_master) return self.slots.empty() && member.node->server.keys == 0;
  const auto& server = member.node->server;
  // After a change of address a replica may dial its master's old one for ever.
  if (self.master_id == master.id()) return !server.is_master_link_up && server.master != master.address();
  // Its master owns slots and is away: an election is pending, and this may be the heir.
  const bool is_heir =
      !facts.picture.slots_of(self.master_id).empty() && facts.picture.member(self.master_id) == nullptr;
  return !is_heir;
}

// The copy that misses least, if any copy is one: a replica that never had its master's data would inherit nothing.
const Member* best_copy(const Facts& facts, const std::string& owner) {
  const Member* best = nullptr;
  const auto rank = [](const Member& member) {
    return std::make_pair(member.node->server.replication_offset, member.node->server.keys);
  };
  for (const auto& member : facts.picture.members()) {
    const auto& server = member.node->server;
    if (member.self().master_id != owner || (server.keys == 0 && !server.has_synced)) continue;
    if (best == nullptr || rank(member) > rank(*best)) best = &member;
  }
  return best;
}

}  // namespace

// Each pod answers with another id, or has said that it does not start: the owner never leads again, so nobody needs to
// be asked. The nodes themselves elect nobody while most masters are gone, or where the owner's name was lost at an
// address that answers.
void take_over(const Facts& facts, Plan& plan) {
  if (!facts.all_tell) return;
  for (const auto& [owner, slots] : facts.picture.slots_by_owner()) {
    if (facts.picture.member(owner) != nullptr) continue;
    const auto* heir = best_copy(facts, owner);
    if (heir == nullptr) continue;
    plan.commands.push_back(command_for(*heir, TakeOver{owner},
                                        "Made " + heir->pod->name + " the master of slots " + to_string(slots) +
                                            ": their owner " + owner.substr(0, 8) +
                                            " does not come back with its data"));
    return;
  }
}

void judge_silent_owners(const Facts& facts, Plan& plan) {
  for (const auto& [owner, slots] : facts.picture.slots_by_owner()) {
    if (facts.picture.member(owner) != nullptr || has_heir(facts, owner)) continue;
    const int told = facts.picture.shard_of(owner);
    const int shard = told >= 0 ? told : shard_of_slot(slots.front().first, facts.shards);
    // A pod that does not answer may come back with the data.
    if (has_silent_pod(facts, shard) || (told < 0 && !facts.picture.silent().empty()) || !facts.all_answer) continue;
    if (!may_start_empty(facts, shard)) {
      plan.problems.push_back(data_lost(
          "No pod holds the data of slots " + to_string(slots) + " of " + name_of_shard(shard) + " any more.", shard));
      continue;
    }
    for (const auto& viewer : facts.picture.members()) {
      if (viewer.node->entry(owner) == nullptr) continue;
      plan.commands.push_back(command_for(viewer, Forget{owner, true},
                                          "Removed node " + owner.substr(0, 8) + " from the table of " +
                                              viewer.pod->name + ": the loss of the data of " + name_of_shard(shard) +
                                              " was accepted"));
    }
  }
}

void judge_unowned_slots(const Facts& facts, Plan& plan) {
  std::vector<std::vector<SlotRange>> lost(static_cast<std::size_t>(facts.shards));
  for (const auto& free : facts.picture.unowned()) {
    for (int shard = shard_of_slot(free.first, facts.shards); shard <= shard_of_slot(free.last, facts.shards);
         ++shard) {
      const auto range = range_of_shard(shard, facts.shards);
      lost[static_cast<std::size_t>(shard)].push_back(
          {std::max(free.first, range.first), std::min(free.last, range.last)});
    }
  }
  for (int shard = 0; shard < facts.shards; ++shard) {
    const auto& slots = lost[static_cast<std::size_t>(shard)];
    if (slots.empty() || may_start_empty(facts, shard) || !facts.all_answer) continue;
    const auto* master = facts.picture.master_of(shard);
    const bool leads_the_rest = master != nullptr && !facts.picture.slots_of(master->id()).empty();
    const auto way_back = leads_the_rest ? " If somebody only took them from " + master->pod->name +
                                               " (CLUSTER DELSLOTS), which leads the rest, " +
                                               "CLUSTER ADDSLOTS there gives them back with their keys."
                                         : std::string();
    plan.problems.push_back(data_lost("The cluster was formed before, and nobody owns slots " + to_string(slots) +
                                          " of " + name_of_shard(shard) + " now." + way_back,
                                      shard));
  }
  if (facts.all_answer) give_unowned_slots(facts, plan);
}

// Nothing here ever moves a slot, and whoever does may be at work: to end it for them would strand keys that went
// ahead.
void name_moving_slots(const Facts& facts, Plan& plan) {
  std::vector<SlotRange> slots;
  std::vector<const PodView*> pods;
  for (const auto& member : facts.picture.members()) {
    if (!member.self().is_master || member.self().open.empty()) continue;
    pods.push_back(member.pod);
    for (const auto& open : member.self().open) {
      const SlotRange slot{open.slot, open.slot};
      if (std::find(slots.begin(), slots.end(), slot) == slots.end()) slots.push_back(slot);
    }
  }
  if (slots.empty()) return;
  std::sort(slots.begin(), slots.end());
  const auto count = slots.size();
  slots.resize(std::min(slots.size(), kMostNamed));
  plan.problems.push_back(
      {kSlotsMoving,
       "Slots " + to_string(slots) + (count > slots.size() ? " and more" : "") + " are marked at " + names_of(pods) +
           " as on their way to another shard, which this version never does: a key of theirs that went ahead is lost "
           "at the next failover of its new place. Let whoever moves them finish, or end it with redis-cli --cluster "
           "fix"});
}

void attach_replicas(const Facts& facts, Plan& plan) {
  for (int shard = 0; shard < facts.shards; ++shard) {
    const auto* master = facts.picture.master_of(shard);
    if (master == nullptr || facts.picture.slots_of(master->id()).empty()) continue;
    for (const auto* member : facts.picture.members_of(shard)) {
      if (member == master || !knows(*member, *master) || !needs_attaching(facts, *member, *master)) continue;
      plan.commands.push_back(command_for(*member, Replicate{master->id(), member->self().master_id},
                                          "Made " + member->pod->name + " a replica of " + master->pod->name));
    }
  }
}

std::string what_is_missing(const Facts& facts) {
  if (!facts.picture.silent().empty()) return why_silent(facts.picture);
  for (const auto& [owner, slots] : facts.picture.slots_by_owner()) {
    if (facts.picture.member(owner) == nullptr)
      return "Waiting for the nodes to elect a new owner of slots " + to_string(slots);
  }
  if (!facts.all_answer) return "Waiting for all pods of Redis to exist";
  for (const auto& member : facts.picture.members()) {
    if (!is_active(facts, member)) continue;
    const auto& name = member.pod->name;
    if (member.self().is_master && member.self().slots.empty()) return name + " is not part of its shard yet";
    if (!member.self().is_master && !member.node->server.is_master_link_up)
      return "Waiting for " + name + " to copy its master's data";
    if (!member.node->cluster.is_ok || member.node->cluster.slots_ok != kSlotCount)
      return "Waiting for " + name + " to see all slots served";
  }
  return "";
}

}  // namespace cadence::redis::plan
