// The write-ahead log on a volume of its own: DATA/pg_wal is then a link to pg_wal on that volume.
// Promises: whatever has made the data, initdb, a base backup, or an instance that had no such volume, ends in the same
// state; a crash at any point leaves one that the next call goes on from; log is removed only when its copy is whole
// and synced. Never moves back. Must not be called while a server runs on the data. Knows no server and no Lease.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"

namespace cadence::agent::postgres {

// `wal_volume`: where it is mounted. `tick` is called between two files.
base::Result<void> place_wal(const std::string& data, const std::string& wal_volume, const std::function<void()>& tick);

// The data's log was on a volume that is empty now or is not there: without it no server can start on the data.
bool is_wal_lost(const std::string& data);

}  // namespace cadence::agent::postgres
