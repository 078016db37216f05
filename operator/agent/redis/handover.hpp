// Before a planned stop: a master with slots gives its place to a replica in step, which costs clients tens of
// milliseconds instead of the seconds that the others need to miss it. Promises: ends within the bound, whatever
// happens; the stop follows in any case.
#pragma once

#include <chrono>

#include "base/result.hpp"
#include "redis/connection.hpp"

namespace cadence::agent::redis {

// True: it was a master and is one no more. False: there was nothing to hand over.
base::Result<bool> hand_over(const cadence::redis::Endpoint& self, const cadence::redis::Credentials& credentials,
                             std::chrono::milliseconds bound);

}  // namespace cadence::agent::redis
