// Jobs as rows of PostgreSQL, texts as it can keep them, and why it refused. Knows the columns by name, not the store's
// statements.
#pragma once

#include <pqxx/except>
#include <pqxx/row>

#include "queue/store.hpp"

namespace cadence::store {

// What job_of() reads.
inline constexpr const char* kJobColumns =
    "id, event_type, url, repo, full_name, branch, commit_id, author, status, progress, error, replica, attempt, "
    "generation, summary, "
    "(extract(epoch from created_at) * 1000000)::bigint as created, (extract(epoch from updated_at) * 1000000)::bigint "
    "as updated ";

// Whether PostgreSQL can keep it as text: else it refuses the whole statement.
bool is_text(std::string_view bytes);
// Of what others said, git servers for instance, in any encoding.
std::string as_text(std::string bytes);

// libpqxx keeps no SQLSTATE in the exceptions that have a type of their own; the class is enough there.
std::string state_of(const pqxx::sql_error& fault);

queue::JobSpec spec_of(const pqxx::row& row);
queue::Job job_of(const pqxx::row& row);

}  // namespace cadence::store
