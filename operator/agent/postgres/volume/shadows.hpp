// Log segments that a crash cut short. A standby that follows a promotion gets the segment in which the timelines part
// once more, under the new timeline's name and from its beginning; PostgreSQL reads that file and no older one, so that
// one whose stream had just begun hides a log that is here. Without a primary such a server answers nobody, and with
// one it ends ("according to history file, WAL location … belongs to timeline …").
// Promises: a file goes only when all that it holds is byte for byte in the older timeline's file of the same segment.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::agent::postgres {

// Before each start of a server. Gives the names of those that were removed.
base::Result<std::vector<std::string>> remove_shadows(const std::string& data_directory);

}  // namespace cadence::agent::postgres
