// The address to connect to, and the one that connected last: a changed Secret reaches this pod up to a minute and a
// half before or after the primary's pod, and until that one has it the new login opens no session. Promises: goes back
// only to another login of the same database on the same servers; thread-safe. Connects nowhere.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "store/open.hpp"
#include "store/postgres_address.hpp"

namespace cadence::store {

class KnownAddress {
 public:
  KnownAddress(AddressSource source, std::string replica) : source_(std::move(source)), replica_(std::move(replica)) {}

  // The present one first, then the one that connected last where that differs by its login alone.
  [[nodiscard]] base::Result<std::vector<PostgresAddress>> to_try() const;
  void note_connected(const PostgresAddress& address);

 private:
  AddressSource source_;
  std::string replica_;
  mutable std::mutex mutex_;
  std::optional<PostgresAddress> connected_;
};

}  // namespace cadence::store
