// The embedded job store: one file, no server. Same promises as on PostgreSQL for every process that shares the file.
#pragma once

#include <memory>
#include <string>

#include "queue/outbox.hpp"
#include "queue/store.hpp"

namespace cadence::store {

base::Result<std::unique_ptr<queue::Store>> open_sqlite_store(const std::string& path, queue::Owes owes = {});

}  // namespace cadence::store
