// The rules that plan_redis tries in order, each adding to the plan. Pure; for this folder only.
// Promises: a rule that has nothing to do leaves the plan as it is.
#pragma once

#include <string>
#include <vector>

#include "redis/plan/picture.hpp"
#include "redis/plan/plan.hpp"

namespace cadence::redis::plan {

struct Facts {
  const DesiredTopology& desired;
  const Picture& picture;
  int shards = 0;           // that are formed, or to be formed
  bool all_answer = false;  // every pod that should exist, and no more of them is going
  bool all_tell = false;    // the same, but a pod whose agent keeps its server shut has told enough
};

// Everything else goes on:
inline constexpr const char* kNotImplemented = "NotImplemented";  // a gap
inline constexpr const char* kNodeShut = "NodeShut";              // a pod whose agent keeps its server from starting

inline constexpr const char* kSlotsMoving = "SlotsMoving";  // a resharding by hand that is not over

bool has_blocker(const Plan& plan);  // a problem that a person must decide
Command command_for(const Member& member, CommandStep step, std::string why);
bool is_active(const Facts& facts, const Member& member);  // belongs to one of the formed shards
bool may_start_empty(const Facts& facts, int shard);
bool is_shut(const PodView& pod);
std::string why_silent(const Picture& picture);
std::string names_of(const std::vector<const PodView*>& pods);

// formation.cpp
void set_epochs(const Facts& facts, Plan& plan);
void give_unowned_slots(const Facts& facts, Plan& plan);

// membership.cpp
void find_strangers(const Facts& facts, Plan& plan);  // nodes that must not be joined
bool join_members(const Facts& facts, Plan& plan);    // true while greetings are under way
void forget_ghosts(const Facts& facts, Plan& plan);

// repair.cpp
void take_over(const Facts& facts, Plan& plan);  // one shard at a time
void judge_silent_owners(const Facts& facts, Plan& plan);
void judge_unowned_slots(const Facts& facts, Plan& plan);
void attach_replicas(const Facts& facts, Plan& plan);
void name_moving_slots(const Facts& facts, Plan& plan);
std::string what_is_missing(const Facts& facts);  // empty: healthy

}  // namespace cadence::redis::plan
