// Asks the agents of PostgreSQL pods what their instances are: GET /status on port 8008. I/O, bounded.
// Promises: all are asked at the same time; who does not answer within the bound is not in the answer; nothing is changed.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "net/transport.hpp"
#include "postgres/instance_status.hpp"

namespace cadence::observe {

using Addresses = std::map<std::string, std::string>;  // IP by pod
using Reports = std::map<std::string, postgres::InstanceStatus>;

// A way to one agent; tests put their own here.
using AgentTransport = std::function<std::unique_ptr<net::Transport>(const std::string& ip)>;
AgentTransport agent_transport();

Reports ask_agents(const Addresses& addresses, const AgentTransport& transport, std::chrono::milliseconds bound, std::stop_token stop);

}  // namespace cadence::observe
