// Whether the tables take and keep what is written to them, asked of the server itself.
// Promises: no row changes, and no lock is waited for longer than two seconds, because the lease of running
// jobs is renewed by the same thread. Throws what pqxx throws.
#pragma once

#include <pqxx/pqxx>
#include <vector>

#include "store/postgres_acceptor.hpp"

namespace cadence::store {

// A table that somebody made UNLOGGED is empty after the next failover, whatever was acknowledged: it is logged again.
void set_logged(pqxx::work& work);

// EXPLAIN looks up every table and right as the statement itself would, takes its locks, and runs nothing. A lease says
// only that one table can be written: without this a server whose deliveries are all refused would call its store well.
void look_up(pqxx::work& work, const std::vector<Statement>& statements);

}  // namespace cadence::store
