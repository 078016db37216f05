// A tiny Redis Cluster in memory: tables, gossip, elections and copies, as far as the planner can see or spoil them. It
// judges each command it is given: losing the last copy of a write, or giving owned slots away, is a violation. Not a
// stand-in for a real server.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "redis/plan/plan.hpp"

namespace cadence::redis::plan {

struct ModelNode {
  std::string pod, id;
  int shard = 0, ordinal = 0;
  Address address;
  bool is_alive = true;
  std::uint64_t epoch = 0;
  std::string master_id;
  std::set<int> slots;                     // blocks of slots
  std::set<int> writes;                    // what it holds
  bool has_copy = false;                   // of its master's data, once
  std::map<std::string, NodeEntry> table;  // others
  std::set<std::string> banned;            // forgotten
};

class Model {
 public:
  Model(int shards, int replicas);

  [[nodiscard]] Observation observe() const;
  void execute(const Command& command);  // adds to violations
  void gossip();                         // until nothing changes
  void write();                          // one to every living master with slots, and to its copies

  void kill(std::size_t index) { nodes[index].is_alive = false; }
  void start(std::size_t index) { nodes[index].is_alive = true; }
  void move(std::size_t index);
  bool wipe(std::size_t index);  // only if every write of it is elsewhere; false otherwise

  [[nodiscard]] std::set<int> readable_writes() const;  // on masters

  std::vector<ModelNode> nodes;
  std::vector<std::string> violations;
  int written = 0;

 private:
  [[nodiscard]] SlotRange range_of(int block) const;
  [[nodiscard]] std::vector<SlotRange> ranges_of(const std::set<int>& blocks) const;
  ModelNode* find(const std::string& id);
  [[nodiscard]] bool reaches(const ModelNode& from, const std::string& id) const;
  bool exchange(ModelNode& a, ModelNode& b);
  bool elect();
  void inherit(ModelNode& node, std::vector<SlotRange> slots, std::uint64_t epoch);
  void copy_from_masters();
  [[nodiscard]] NodeEntry entry_of(const ModelNode& node) const;
  void apply(ModelNode& node, const SetConfigEpoch& step);
  void apply(ModelNode& node, const Meet& step);
  void apply(ModelNode& node, const AddSlots& step);
  void apply(ModelNode& node, const Replicate& step);
  void apply(ModelNode& node, const Forget& step);
  void apply(ModelNode& node, const TakeOver& step);
  int blocks_;
  int next_name_ = 0;
};

}  // namespace cadence::redis::plan
