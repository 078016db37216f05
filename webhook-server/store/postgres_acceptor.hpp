// The receivers' write path on PostgreSQL: libpq with a deadline of its own on every step, one statement a batch.
// Promises: what it reports as accepted is committed, and replicated where the server replicates synchronously; an unknown outcome
// is Transient and the same batch may be sent again.
#pragma once

#include <memory>
#include <string>

#include "queue/store.hpp"
#include "store/known_address.hpp"

namespace cadence::store {

std::unique_ptr<queue::Acceptor> make_postgres_acceptor(std::shared_ptr<KnownAddress> address);

}  // namespace cadence::store
