#include <algorithm>
#include <set>

#include "redis/plan/rules.hpp"

namespace cadence::redis::plan {

SlotRange range_of_shard(int shard, int shards) {
  return {shard * kSlotCount / shards, (shard + 1) * kSlotCount / shards - 1};
}

int shard_of_slot(int slot, int shards) {
  int shard = 0;
  while (range_of_shard(shard, shards).last < slot) ++shard;
  return shard;
}

// Distinct epochs before the nodes meet spare them the collisions; Redis allows it only to a node that is alone.
void set_epochs(const Facts& facts, Plan& plan) {
  std::set<std::uint64_t> used;
  for (const auto& member : facts.picture.members()) used.insert(member.node->cluster.my_epoch);
  std::uint64_t next = 1;
  for (const auto& member : facts.picture.members()) {
    if (!is_active(facts, member) || member.node->nodes.size() > 1 || member.node->cluster.my_epoch != 0) continue;
    while (used.contains(next)) ++next;
    used.insert(next);
    plan.commands.push_back(command_for(member, SetConfigEpoch{next},
                                        "Gave " + member.pod->name + " config epoch " + std::to_string(next)));
  }
}

void give_unowned_slots(const Facts& facts, Plan& plan) {
  for (int shard = 0; shard < facts.shards; ++shard) {
    const auto range = range_of_shard(shard, facts.shards);
    AddSlots step;
    for (const auto& free : facts.picture.unowned()) {
      const SlotRange part{std::max(free.first, range.first), std::min(free.last, range.last)};
      if (part.first <= part.last) step.ranges.push_back(part);
    }
    const auto* master = facts.picture.master_of(shard);
    const bool is_allowed = !facts.desired.was_formed || may_start_empty(facts, shard);
    if (step.ranges.empty() || master == nullptr || !master->self().is_master || !is_allowed) continue;
    const auto why = "Gave slots " + to_string(step.ranges) + " to " + master->pod->name + ", master of shard " +
                     std::to_string(shard);
    plan.commands.push_back(command_for(*master, std::move(step), why));
  }
}

}  // namespace cadence::redis::plan
