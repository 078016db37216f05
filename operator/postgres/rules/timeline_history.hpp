// Where each timeline was left for the next one, as a history file of PostgreSQL says it (pg_wal/0000000N.history).
// Pure. Promises: lines that are none of a history are passed over.
#pragma once

#include <string_view>
#include <vector>

#include "postgres/rules/lease_rules.hpp"

namespace cadence::postgres {

// "1\t0/40448C0\tno recovery target specified": timeline 1 was left at 0/40448C0. The oldest first.
std::vector<LogPoint> parse_timeline_history(std::string_view text);

}  // namespace cadence::postgres
