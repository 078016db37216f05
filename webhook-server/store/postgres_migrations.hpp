// The numbered steps from an empty database to the present schema. Steps are only ever added.
#pragma once

#include <span>

namespace cadence::store {

struct Migration {
  int number;
  const char* sql;
};

std::span<const Migration> postgres_migrations();

}  // namespace cadence::store
