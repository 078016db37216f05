// Deliveries that were taken, and the records of watched hooks, as rows of PostgreSQL.
#pragma once

#include <memory>

#include "queue/ledger.hpp"
#include "store/postgres_outbox.hpp"

namespace cadence::store {

std::unique_ptr<queue::Ledger> make_postgres_ledger(Asking ask);

}  // namespace cadence::store
