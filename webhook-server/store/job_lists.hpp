// The SQL of a list of jobs, alike for both stores. Pure.
// Promises: whatever is asked for, an index leads to it in the order of the list, and no more rows are looked at than
// the page needs, or queue::kMostFiltered where no index knows the filter; the whole history is never sorted or
// counted. The one parameter of each statement is the name of a repository, and is absent without one.
#pragma once

#include <string>

#include "queue/job.hpp"

namespace cadence::store {

struct ListDialect {
  std::string is_waiting;  // of a row of `job`
  std::string parameter;   // how the first one is written
};

// Rows of unfinished and of finished jobs with the same columns: id, event_type, url, repo, full_name, branch,
// commit_id, author, created_at, updated_at, generation, attempt, replica, progress, status, error, summary.
std::string all_jobs(const ListDialect& dialect);

// "(…) as jobs", the rows of the page and no others; still to be put in order.
std::string page_of(const queue::JobFilter& filter, const ListDialect& dialect);
std::string in_order(const queue::JobFilter& filter);
// A statement with one number, at most kMostCounted + 1.
std::string count_of(const queue::JobFilter& filter, const ListDialect& dialect);

}  // namespace cadence::store
