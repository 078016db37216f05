// Kubernetes quantities ("500m", "2Gi") and Go durations ("1h30m", "250ms") as numbers. Pure.
// Promises: a text that the API server would accept parses to the same value; anything else is Invalid with the text in
// the message.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace cadence::base {

Result<std::int64_t> parse_milli_quantity(std::string_view text);  // "1" is 1000, "250m" is 250
Result<std::int64_t> parse_bytes(std::string_view text);           // "2Gi" is 2147483648; fractions round up
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace cadence::base
