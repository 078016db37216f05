// The tables of the embedded job store, from an empty file or an older one to the present layout. Steps are only ever
// added.
#pragma once

#include "base/result.hpp"
#include "store/sqlite_database.hpp"

namespace cadence::store {

// In one transaction; a file of the present layout is left as it is.
base::Result<void> migrate_sqlite(SqliteDatabase& database);

}  // namespace cadence::store
