// One small change to one Redis node: who, what, what must hold before, and why. Values; printing them shows no secret.
// Promises: each is safe to repeat and to leave out. Does not know how it is sent.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "redis/topology.hpp"

namespace cadence::redis {

// Only before a node has met another one.
struct SetConfigEpoch {
  std::uint64_t epoch = 0;
};

struct Meet {
  std::string peer_id;  // must answer at this address with our credentials
  Address peer;
};

struct AddSlots {
  std::vector<SlotRange> ranges;  // unowned in the node's own view
};

struct Replicate {
  std::string master_id;
  std::string current_master_id;  // empty: must be a master without slots
};

struct Forget {
  std::string peer_id;
  bool may_own_slots = false;  // only where the user accepted the loss of its data
};

// Without asking the other masters: only where the old one cannot come back with its data.
struct TakeOver {
  std::string master_id;  // whom the replica follows still
};

using CommandStep = std::variant<SetConfigEpoch, Meet, AddSlots, Replicate, Forget, TakeOver>;

struct Command {
  std::string pod;
  std::string node_id;  // who must answer at the address, or nothing is done
  Address address;
  CommandStep step;
  std::string why;  // "Joined cadence-redis-0-0 with cadence-redis-1-0", past tense
};

// CLUSTER MEET 10.0.0.2 6379 (+ words), as redis-cli would take it.
std::vector<std::string> to_arguments(const Command& command);
std::string to_text(const Command& command);  // pod: arguments - why

}  // namespace cadence::redis
