// What an error reply of a cluster node asks of its client. Pure.
#pragma once

#include <string_view>

#include "redis/codec.hpp"
#include "redis/topology.hpp"

namespace cadence::redis::cluster {

struct Refusal {
  enum class Kind {
    None,       // not an error
    Moved,      // another node serves the slot: `slot`, `to`
    Ask,        // for this once, with ASKING: `to`
    TryAgain,   // the key is on its way
    Down,       // this node or the cluster serves nothing now; another map may help
    Forbidden,  // the credentials, or what they may do
    Other,      // the command itself
  };
  Kind kind = Kind::None;
  int slot = -1;
  Address to;
};

// `asked`: who answered; a redirect without a host means that one.
Refusal read_refusal(const Reply& reply, const Address& asked);

}  // namespace cadence::redis::cluster
