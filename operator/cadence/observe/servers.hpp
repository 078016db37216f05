// Asks the servers in the pods how they are: the agents of PostgreSQL what their instances are (GET /status on port
// 8008), the webhook servers whether their job store takes writes (GET /metrics/store). I/O, bounded. Promises: all are
// asked at the same time, many of them a few at a time; who does not answer within the bound is not in the answer;
// nothing is changed.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "cadence/facts/observation.hpp"
#include "net/transport.hpp"
#include "postgres/rules/instance_status.hpp"

namespace cadence::observe {

using Addresses = std::map<std::string, std::string>;  // IP by pod
using Reports = std::map<std::string, postgres::InstanceStatus>;

// A way to one server; tests put their own here.
using ServerTransport = std::function<std::unique_ptr<net::Transport>(const std::string& ip, std::uint16_t port)>;
ServerTransport server_transport();

Reports ask_agents(const Addresses& addresses, const ServerTransport& transport, std::chrono::milliseconds bound,
                   std::stop_token stop);

// By pod: whether the job store takes what it has to write, with the application's login, and why not; they look every
// few seconds. Of what a server says only printable text of bounded length is passed on.
std::map<std::string, facts::StoreReport> ask_webhook_servers(const Addresses& addresses, std::uint16_t port,
                                                              const ServerTransport& transport,
                                                              std::chrono::milliseconds bound, std::stop_token stop);

}  // namespace cadence::observe
