// The receivers' write path on PostgreSQL: libpq with a deadline of its own on every step, one statement a batch.
// Promises: what it reports as accepted is committed, and replicated where the server replicates synchronously; an
// unknown outcome is Transient and the same batch may be sent again.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "queue/outbox.hpp"
#include "queue/store.hpp"
#include "store/full_disk.hpp"
#include "store/known_address.hpp"

namespace cadence::store {

// What receivers run, for who asks beforehand whether it could run.
struct Statement {
  const char* sql;
  int parameters;
};
std::array<Statement, 3> acceptor_statements();

std::unique_ptr<queue::Acceptor> make_postgres_acceptor(std::shared_ptr<KnownAddress> address,
                                                        std::shared_ptr<FullDisk> disk, queue::Owes owes);

}  // namespace cadence::store
