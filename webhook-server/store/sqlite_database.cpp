#include "store/sqlite_database.hpp"

#include <sqlite3.h>

#include "queue/store.hpp"

namespace cadence::store {

using base::Error;
using base::ErrorKind;
using base::Result;

std::string SqliteRow::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  return bytes == nullptr ? ""
                          : std::string(reinterpret_cast<const char*>(bytes),
                                        static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::int64_t SqliteRow::number(int column) const { return sqlite3_column_int64(statement_, column); }

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle));
  if (code != SQLITE_OK) return database->failure("Could not open " + path);
  sqlite3_busy_timeout(handle, 5000);
  if (auto set = database->script("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;");
      !set)
    return set.error().with_context("Could not open " + path);
  return database;
}

void SqliteDatabase::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteDatabase::~SqliteDatabase() {
  kept_.clear();
  sqlite3_close_v2(handle_);
}

Error SqliteDatabase::failure(const std::string& what) const {
  const int code = sqlite3_errcode(handle_) & 0xff;
  const bool is_transient =
      code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
  if (code == SQLITE_FULL) return {ErrorKind::Transient, what + ": " + std::string(queue::kDiskIsFull)};
  return {is_transient ? ErrorKind::Transient : ErrorKind::Invalid, what + ": " + sqlite3_errmsg(handle_)};
}

void SqliteDatabase::wait_at_most(std::chrono::milliseconds limit) {
  sqlite3_busy_timeout(handle_, static_cast<int>(limit.count()));
}

Result<void> SqliteDatabase::script(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure("Could not run a statement");
  return base::ok();
}

// Whoever has one has it alone: the same text may run again while its rows are read.
Result<SqliteDatabase::Statement> SqliteDatabase::take(const std::string& sql) {
  if (auto known = kept_.extract(sql); known) return std::move(known.mapped());
  sqlite3_stmt* statement = nullptr;
  const auto size = static_cast<int>(sql.size());
  if (sqlite3_prepare_v3(handle_, sql.c_str(), size, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return failure("Could not prepare a statement");
  return Statement(statement);
}

void SqliteDatabase::keep(const std::string& sql, Statement statement) {
  sqlite3_reset(statement.get());
  sqlite3_clear_bindings(statement.get());
  if (kept_.size() >= kMostKept) kept_.clear();
  kept_.insert_or_assign(sql, std::move(statement));
}

Result<int> SqliteDatabase::run(const std::string& sql, const std::vector<SqliteValue>& parameters,
                                const std::function<void(const SqliteRow&)>& on_row) {
  auto taken = take(sql);
  if (!taken) return taken.error();
  auto* const statement = taken->get();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int position = static_cast<int>(i) + 1;
    if (const auto* text = std::get_if<std::string>(&parameters[i]))
      sqlite3_bind_text(statement, position, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
    else sqlite3_bind_int64(statement, position, std::get<std::int64_t>(parameters[i]));
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW)
    if (on_row) on_row(SqliteRow(statement));
  if (code != SQLITE_DONE) return failure("Could not run a statement");
  const int changes = sqlite3_changes(handle_);
  keep(sql, std::move(*taken));
  return changes;
}

Result<void> SqliteDatabase::transaction(const std::function<Result<void>()>& body) {
  if (auto begun = script("begin immediate"); !begun) return begun;
  auto done = body();
  if (done) {
    done = script("commit");
    if (done) return done;
  }
  (void)script("rollback");
  return done;
}

}  // namespace cadence::store
