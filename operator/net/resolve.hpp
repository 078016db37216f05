// Names to addresses with a deadline and a stop: getaddrinfo(3) has neither, so it runs on a thread of its own that may
// be left behind.
#pragma once

#include <stop_token>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/asio.hpp"

namespace cadence::net {

base::Result<std::vector<tcp::endpoint>> resolve(const std::string& host, std::uint16_t port, base::Monotonic deadline,
                                                 std::stop_token stop);

}  // namespace cadence::net
