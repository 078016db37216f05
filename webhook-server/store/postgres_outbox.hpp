// The outbox as rows of PostgreSQL, and the parts of other statements that fill it. Promises: a server without anybody
// to answer back runs the statements of receivers as they were.
#pragma once

#include <functional>
#include <memory>
#include <pqxx/pqxx>

#include "queue/outbox.hpp"

namespace cadence::store {

// A common table expression for kAccept: of `input` and `fresh`, the jobs in $14.
extern const char* const kOweFresh;
// Of `known` and `revived`, where one of the keys in $3 names the job.
extern const char* const kOweRevived;
// The verdict of what `mine` holds, where a status is owed or $8 says so; $6: its error, $7: its summary.
extern const char* const kOweVerdict;
// Of what `lost` holds.
extern const char* const kOweLost;

// One transaction on a connection of the store's; the first argument says what could not be done.
using Asking = std::function<base::Result<void>(const char*, const std::function<void(pqxx::work&)>&)>;

std::unique_ptr<queue::Outbox> make_postgres_outbox(Asking ask);
// Within the store's purge: what is left of jobs that no history has any more. Rows removed.
int purge_outbox(pqxx::work& work, long long hours, int batch);

}  // namespace cadence::store
