// A PostgreSQL address with the safeguards every connection of ours needs: dead peers noticed in seconds, read-write
// servers only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace cadence::store {

struct PostgresAddress {
  // libpq keywords; what the address says wins over our defaults
  std::vector<std::pair<std::string, std::string>> parameters;
  // keyword='value' form; holds the password: never log it
  [[nodiscard]] std::string conninfo() const;
  bool operator==(const PostgresAddress&) const = default;
};

base::Result<PostgresAddress> parse_postgres_address(const std::string& uri, const std::string& replica);

// True for failures that a new connection or another primary may cure (SQLSTATE classes 08, 53, 57, 25006, 40).
bool is_transient_sqlstate(const std::string& sqlstate);

}  // namespace cadence::store
