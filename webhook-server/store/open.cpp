#include "store/open.hpp"

#include "base/text.hpp"
#include "files/files.hpp"
#include "store/postgres_address.hpp"
#include "store/postgres_store.hpp"
#include "store/sqlite_store.hpp"

namespace cadence::store {

using base::Error;
using base::ErrorKind;
using base::Result;

AddressSource fixed_address(std::string address) {
  return [address = std::move(address)]() -> Result<std::string> { return address; };
}

AddressSource address_file(std::string path) {
  return [path = std::move(path)]() -> Result<std::string> {
    const auto text = files::read(path);
    const std::string address(text ? base::trim(*text) : "");
    if (address.empty()) return Error{ErrorKind::Transient, "Could not read a store address from " + path};
    return address;
  };
}

Result<std::unique_ptr<queue::Store>> open_store(AddressSource source, const OpenOptions& options) {
  const auto address = source();
  // A file that is not there yet can only be the Secret of a cluster in the making: that is PostgreSQL.
  if (!address && address.error().kind == ErrorKind::Transient) return make_postgres_store(std::move(source), options);
  if (!address) return address.error();
  if (address->starts_with("sqlite:")) return open_sqlite_store(address->substr(7), options.owes);
  if (!address->starts_with("postgres://") && !address->starts_with("postgresql://"))
    return Error{ErrorKind::Invalid, "The store must be postgres://… or sqlite:FILE"};
  if (auto parsed = parse_postgres_address(*address, options.replica); !parsed) return parsed.error();
  return make_postgres_store(std::move(source), options);
}

}  // namespace cadence::store
