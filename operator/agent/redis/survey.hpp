// What the living nodes of the cluster say, asked by the agent of one that does not run yet. Promises: an answer within
// the bound; a node counts only for what it says of itself. Changes nothing but by ask_to_lead.
#pragma once

#include <bitset>
#include <chrono>
#include <string>
#include <vector>

#include "redis/connection.hpp"
#include "redis/topology.hpp"

namespace cadence::agent::redis {

using Slots = std::bitset<cadence::redis::kSlotCount>;
Slots to_slots(const std::vector<cadence::redis::SlotRange>& ranges);

struct Peer {
  cadence::redis::Address address;
  cadence::redis::Reachable node;
};
using Survey = std::vector<Peer>;

// host or host:port, each with all the addresses it has; names that are not known yield nothing.
std::vector<cadence::redis::Address> resolve(const std::vector<std::string>& names, std::uint16_t port);

Survey ask_peers(std::vector<cadence::redis::Address> addresses, const cadence::redis::Credentials& credentials,
                 std::chrono::milliseconds bound);

// Slots that masters serve whose claim is at least as new.
Slots served_by(const Survey& survey, std::uint64_t epoch);

// The follower of that node that misses least; with `in_step` only one whose link broke just now. Null: there is none.
const Peer* heir_of(const Survey& survey, const std::string& id, bool in_step);

// Do enough of the other masters answer to elect somebody in that node's place?
bool can_elect(const Survey& survey, const Peer& heir);

// CLUSTER FAILOVER FORCE: an election at once, by the votes of the others.
base::Result<void> ask_to_lead(const Peer& heir, const cadence::redis::Credentials& credentials,
                               std::chrono::milliseconds bound);

}  // namespace cadence::agent::redis
