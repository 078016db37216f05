#include <algorithm>
#include <map>
#include <set>

#include "redis/plan/rules.hpp"

namespace cadence::redis::plan {
namespace {

bool overlap(const std::vector<SlotRange>& a, const std::vector<SlotRange>& b) {
  return std::any_of(a.begin(), a.end(), [&](const SlotRange& x) {
    return std::any_of(b.begin(), b.end(), [&](const SlotRange& y) { return x.first <= y.last && y.first <= x.last; });
  });
}

// Two nodes that have never heard of each other and both have slots that one of them would lose by meeting.
bool would_collide(const Member& a, const Member& b) {
  const auto claims_over = [](const Member& viewer, const Member& stranger) {
    if (stranger.self().slots.empty() || viewer.node->entry(stranger.id()) != nullptr) return false;
    const auto& nodes = viewer.node->nodes;
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](const NodeEntry& entry) { return overlap(entry.slots, stranger.self().slots); });
  };
  const bool are_strangers = a.node->entry(b.id()) == nullptr && b.node->entry(a.id()) == nullptr;
  return are_strangers && (claims_over(a, b) || claims_over(b, a));
}

// One that knows nobody is the stranger; the other only speaks for the cluster, and may belong to another shard.
std::string collision_of(const Member& a, const Member& b) {
  const auto* stranger = a.node->nodes.size() == 1 && b.node->nodes.size() > 1   ? &a
                         : b.node->nodes.size() == 1 && a.node->nodes.size() > 1 ? &b
                                                                                 : nullptr;
  if (stranger == nullptr) {
    return a.pod->name + " and " + b.pod->name +
           " do not know each other and claim the same slots; joining them would drop the data of one. "
           "Keep the volume with the right data and delete the other pod with its PersistentVolumeClaim";
  }
  return stranger->pod->name +
         " answers under a new node id, knows none of the others and claims slots that are theirs; joining it would "
         "drop its data. "
         "If the other pods of shard " +
         std::to_string(stranger->pod->shard) + " have the data, delete PersistentVolumeClaim data-" +
         stranger->pod->name + " and then the pod: another copy takes over";
}

Command meeting(const Member& from, const Member& to) {
  return command_for(from, Meet{to.id(), to.address()},
                     "Joined " + from.pod->name + " with " + to.pod->name + " at " + to_string(to.address()));
}

}  // namespace

void find_strangers(const Facts& facts, Plan& plan) {
  const auto& members = facts.picture.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = i + 1; j < members.size(); ++j) {
      if (!would_collide(members[i], members[j])) continue;
      plan.problems.push_back({"Ambiguous", collision_of(members[i], members[j])});
      return;
    }
  }
}

// A mesh: in a star the rest would have to learn of each other by gossip, which takes seconds.
bool join_members(const Facts& facts, Plan& plan) {
  bool is_under_way = false;
  const auto& members = facts.picture.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = i + 1; j < members.size(); ++j) {
      const auto& a = members[i];
      const auto& b = members[j];
      if (!is_active(facts, a) || !is_active(facts, b)) continue;
      const bool a_knows = knows(a, b), b_knows = knows(b, a);
      if (a_knows && b_knows) continue;
      is_under_way = true;
      if (is_greeting(a, b.address()) || is_greeting(b, a.address())) continue;
      plan.commands.push_back(a_knows ? meeting(b, a) : meeting(a, b));
    }
  }
  return is_under_way;
}

// An id that no pod carries, owns nothing in anybody's view and leads nobody. With a pod silent, the id might be that
// pod's.
void forget_ghosts(const Facts& facts, Plan& plan) {
  if (!facts.all_answer || has_blocker(plan)) return;
  std::set<std::string> ghosts, needed;
  for (const auto& viewer : facts.picture.members()) {
    if (!viewer.self().master_id.empty()) needed.insert(viewer.self().master_id);
    for (const auto& entry : viewer.node->nodes) {
      if (!entry.slots.empty()) needed.insert(entry.id);
      if (!entry.is_handshaking && facts.picture.member(entry.id) == nullptr) ghosts.insert(entry.id);
    }
  }
  for (const auto& ghost : ghosts) {
    if (needed.contains(ghost)) continue;
    for (const auto& viewer : facts.picture.members()) {
      if (viewer.node->entry(ghost) == nullptr) continue;
      plan.commands.push_back(command_for(viewer, Forget{ghost},
                                          "Removed node " + ghost.substr(0, 8) +
                                              ", which no pod carries any more, from the table of " +
                                              viewer.pod->name));
    }
  }
}

}  // namespace cadence::redis::plan
