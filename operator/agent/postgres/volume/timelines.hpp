// The numbers of timelines on a volume. PostgreSQL gives a promotion the number after the newest history file in its
// log's folder; one that another promotion was given, of which nothing came here, is passed over by a file of ours in
// its place. Promises: a file of PostgreSQL's is never written over; a file of ours stays only below a real one, where
// standbys ask for every number in between, for PostgreSQL does not start towards a timeline that is none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "postgres/rules/timeline_history.hpp"

namespace cadence::agent::postgres {

namespace rules = cadence::postgres;

std::int64_t newest_timeline(const std::string& data_directory);  // of the history files; 0 where there are none
// Where the history of `timeline` says that those before it were left; empty where the file is not here.
std::vector<rules::LogPoint> history_of(const std::string& data_directory, std::int64_t timeline);
// The next promotion here gets this number, or a higher one.
base::Result<void> pass_over_timelines(const std::string& data_directory, std::int64_t next);
// Before each start of a server: files of ours above which no timeline came about.
base::Result<void> tidy_timelines(const std::string& data_directory);

}  // namespace cadence::agent::postgres
