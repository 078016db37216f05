// All nodes' own views merged into one picture: who lives where, and who owns which slot. Pure, derived once for each
// plan. Promises: nodes are known by id, never by address or ordinal; what a living node says of itself beats what
// others say of it, and a higher config epoch beats a lower one. Keeps references to the observation it was made of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "redis/plan/plan.hpp"

namespace cadence::redis::plan {

// A pod whose node answered.
struct Member {
  const PodView* pod = nullptr;
  const Reachable* node = nullptr;
  [[nodiscard]] const std::string& id() const { return node->node_id; }
  [[nodiscard]] const NodeEntry& self() const { return *node->myself(); }
  [[nodiscard]] const Address& address() const { return pod->address; }
};

// A node that owns slots, alive or not.
struct Owner {
  std::string id;
  std::uint64_t epoch = 0;
  std::vector<SlotRange> claims;
  NodeEntry entry;  // the newest line about it
};

class Picture {
 public:
  explicit Picture(const Observation& observation);

  [[nodiscard]] const std::vector<Member>& members() const { return members_; }  // by shard and ordinal
  [[nodiscard]] const std::vector<const PodView*>& silent() const { return silent_; }
  [[nodiscard]] std::vector<const Member*> members_of(int shard) const;
  [[nodiscard]] const Member* member(const std::string& id) const;
  [[nodiscard]] bool has_duplicate_ids() const { return has_duplicate_ids_; }

  [[nodiscard]] const std::map<std::string, std::vector<SlotRange>>& slots_by_owner() const { return slots_by_owner_; }
  [[nodiscard]] std::vector<SlotRange> slots_of(const std::string& id) const;
  [[nodiscard]] const std::vector<SlotRange>& unowned() const { return unowned_; }

  // The shard that a node, alive or not, belongs to; -1 when nothing tells.
  [[nodiscard]] int shard_of(const std::string& id) const;
  // Who is or shall be the master of a shard: the one with slots, else the one that others follow, else the first.
  [[nodiscard]] const Member* master_of(int shard) const;

 private:
  void collect_members(const Observation& observation);
  void collect_owners();
  void merge_slots();

  const Observation* observation_;
  std::vector<Member> members_;
  std::vector<const PodView*> silent_;
  std::map<std::string, Owner> owners_;
  std::map<std::string, std::vector<SlotRange>> slots_by_owner_;
  std::vector<SlotRange> unowned_;
  bool has_duplicate_ids_ = false;
};

// Can `from` reach `to` by its own table?
bool knows(const Member& from, const Member& to);
// A handshake with that address is on its way.
bool is_greeting(const Member& from, const Address& to);

}  // namespace cadence::redis::plan
