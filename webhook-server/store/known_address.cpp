#include "store/known_address.hpp"

#include <algorithm>

namespace cadence::store {
namespace {

PostgresAddress without_login(PostgresAddress address) {
  std::erase_if(address.parameters,
                [](const auto& parameter) { return parameter.first == "user" || parameter.first == "password"; });
  return address;
}

}  // namespace

base::Result<std::vector<PostgresAddress>> KnownAddress::to_try() const {
  const auto uri = source_();
  if (!uri) return base::Error{base::ErrorKind::Transient, uri.error().message};
  auto present = parse_postgres_address(*uri, replica_);
  if (!present) return base::Error{base::ErrorKind::Transient, present.error().message};
  std::vector<PostgresAddress> out{std::move(*present)};
  const std::lock_guard lock(mutex_);
  if (connected_ && *connected_ != out.front() && without_login(*connected_) == without_login(out.front()))
    out.push_back(*connected_);
  return out;
}

void KnownAddress::note_connected(const PostgresAddress& address) {
  const std::lock_guard lock(mutex_);
  connected_ = address;
}

}  // namespace cadence::store
