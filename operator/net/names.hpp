// resolve.hpp for those who do not deal in sockets: names to numeric addresses, with a deadline and a stop.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace cadence::net {

base::Result<std::vector<std::string>> addresses_of(const std::string& host, base::Monotonic deadline,
                                                    std::stop_token stop);

}  // namespace cadence::net
