// The answers to the kubelet's probes, asked of the server over its Unix socket. Promises: an answer within the bound.
// Keeps no state.
#pragma once

#include <chrono>

#include "agent/redis/configuration.hpp"
#include "base/result.hpp"

namespace cadence::agent::redis {

// Answers, has loaded its data, and is a master or has once had its master's data. Never asks for the cluster's state:
// forming needs pods.
base::Result<void> check_ready(const Places& places, std::chrono::milliseconds bound);
// Answers anything at all: a server that loads or is busy is alive.
base::Result<void> check_live(const Places& places, std::chrono::milliseconds bound);

}  // namespace cadence::agent::redis
