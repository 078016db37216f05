#include "redis/plan/summary.hpp"

#include <algorithm>

#include "redis/plan/picture.hpp"

namespace cadence::redis::plan {

Summary summarize(const DesiredTopology& desired, const Observation& observation) {
  const Picture picture(observation);
  Summary out;
  out.formed_shards = static_cast<int>(picture.slots_by_owner().size());
  for (int shard = 0; shard < std::max(desired.shards, out.formed_shards); ++shard) {
    ShardSummary summary{.index = shard, .master = {}, .replicas = {}, .slots = 0};
    const auto* master = picture.master_of(shard);
    if (master != nullptr) summary.slots = count_slots(picture.slots_of(master->id()));
    if (summary.slots > 0) {
      summary.master = master->pod->name;
      for (const auto* member : picture.members_of(shard)) {
        if (member->self().master_id == master->id() && member->node->server.is_master_link_up)
          summary.replicas.push_back(member->pod->name);
      }
    }
    out.slots_owned += summary.slots;
    out.shards.push_back(std::move(summary));
  }
  return out;
}

}  // namespace cadence::redis::plan
