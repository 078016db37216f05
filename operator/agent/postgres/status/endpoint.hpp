// The agent's HTTP routes over the Board. Knows no database and no Lease.
#pragma once

#include <memory>

#include "agent/postgres/options.hpp"
#include "agent/postgres/status/board.hpp"
#include "net/server.hpp"

namespace cadence::agent::postgres {

net::Response answer(const Report& report, std::chrono::steady_clock::time_point now, const std::string& method,
                     const std::string& target);
std::string render_metrics(const Report& report);

base::Result<std::unique_ptr<net::Server>> serve(const Options& options, const Board& board);

}  // namespace cadence::agent::postgres
