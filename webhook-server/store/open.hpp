// Opens the store an address names: postgres://…, postgresql://…, or sqlite:FILE. Knows nothing of flags or
// configuration files. Promises: opening does no I/O for PostgreSQL, so a server starts while its database is away;
// passwords never reach an error text.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "queue/outbox.hpp"
#include "queue/store.hpp"

namespace cadence::store {

// Asked for on each new connection, so that a rotated password or a moved database is picked up.
using AddressSource = std::function<base::Result<std::string>()>;

AddressSource fixed_address(std::string address);
AddressSource address_file(std::string path);

struct OpenOptions {
  std::string replica;  // shown in pg_stat_activity
  int connections = 6;  // for workers and readers; receivers have their own
  queue::Owes owes{};   // whose senders are answered back; null: nobody's
};

base::Result<std::unique_ptr<queue::Store>> open_store(AddressSource address, const OpenOptions& options);

}  // namespace cadence::store
