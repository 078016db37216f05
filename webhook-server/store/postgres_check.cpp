#include "store/postgres_check.hpp"

#include <string>

#include "base/log.hpp"

namespace cadence::store {
namespace {

constexpr const char* kWaitBriefly = "set local lock_timeout = 2000";

}  // namespace

void set_logged(pqxx::work& work) {
  // The oldest first: none may refer to one that is unlogged.
  const auto tables = work.exec(
      "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
      "where c.relkind = 'r' and c.relpersistence = 'u' and n.nspname = current_schema() "
      "and pg_has_role(c.relowner, 'USAGE') "
      "order by c.oid");
  if (tables.empty()) return;
  work.exec(kWaitBriefly);
  for (const auto& row : tables) {
    const std::string table = row[0].c_str();
    work.exec("alter table " + table + " set logged");
    base::log_warning("A table was unlogged, so a failover would have emptied it: it is logged again",
                      {{"table", table}});
  }
}

void look_up(pqxx::work& work, const std::vector<Statement>& statements) {
  work.exec(kWaitBriefly);
  for (const auto& [sql, parameters] : statements) {
    const std::vector<const char*> nothing(static_cast<std::size_t>(parameters), nullptr);
    work.exec_params(std::string("explain (costs off) ") + sql, pqxx::prepare::make_dynamic_params(nothing));
  }
}

}  // namespace cadence::store
