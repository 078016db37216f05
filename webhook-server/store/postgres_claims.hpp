// Whose turn it is, on PostgreSQL: the statement that claims one job, and claiming as many as there is room for.
// Promises: what lost its worker first; then signed pushes, by owner in turn, by repository of that owner in turn, the
// oldest first; then what was asked for, the oldest first. A claim reads a handful of index entries however long the
// queue is, and waits for no other claim. Claims that overlap may find the same turn, and then take different jobs of
// it.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "queue/store.hpp"
#include "store/postgres_acceptor.hpp"

namespace cadence::store {

// What claim_jobs() runs, for who asks beforehand whether it could run.
Statement claim_statement();

// Once for each session that will claim.
void prepare_to_claim(pqxx::connection& connection);
// Each job is claimed by a statement that ends by itself: a replica that stops in between holds no lock.
std::vector<queue::Claim> claim_jobs(pqxx::nontransaction& session, const queue::Worker& worker, queue::Room room,
                                     std::vector<std::string> held);

}  // namespace cadence::store
