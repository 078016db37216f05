// Deliveries that were taken, and the records of watched hooks, as rows of SQLite.
#pragma once

#include <memory>

#include "queue/ledger.hpp"
#include "store/sqlite_outbox.hpp"

namespace cadence::store {

std::unique_ptr<queue::Ledger> make_sqlite_ledger(Using writer, Using reader);

}  // namespace cadence::store
