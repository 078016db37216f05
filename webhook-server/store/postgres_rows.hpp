// Jobs as rows of PostgreSQL. Knows the columns by name, not the store's statements.
#pragma once

#include <pqxx/row>

#include "queue/store.hpp"

namespace cadence::store {

// What job_of() reads.
inline constexpr const char* kJobColumns =
    "id, event_type, url, repo, full_name, branch, commit_id, author, status, progress, error, replica, attempt, "
    "generation, summary, "
    "(extract(epoch from created_at) * 1000000)::bigint as created, (extract(epoch from updated_at) * 1000000)::bigint "
    "as updated ";

queue::JobSpec spec_of(const pqxx::row& row);
queue::Job job_of(const pqxx::row& row);

}  // namespace cadence::store
