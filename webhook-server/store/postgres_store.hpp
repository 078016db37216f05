// The job store on PostgreSQL for workers and readers (libpqxx); receivers write through postgres_acceptor.hpp.
#pragma once

#include <memory>

#include "queue/store.hpp"
#include "store/open.hpp"

namespace cadence::store {

std::unique_ptr<queue::Store> make_postgres_store(AddressSource address, OpenOptions options);

}  // namespace cadence::store
