// A thin, exact wrapper around one SQLite database: statements with typed parameters, transactions that take the write
// lock first. Promises: a committed transaction survives power loss (WAL, synchronous=FULL); errors are values. To
// prepare a statement costs more than to run it, so those that ran lately are kept, kMostKept at most. One thread at a
// time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace cadence::store {

using SqliteValue = std::variant<std::int64_t, std::string>;

// One row of an answer; columns by position.
class SqliteRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class SqliteDatabase {
 public:
  static base::Result<std::unique_ptr<SqliteDatabase>> open(const std::string& path);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  // How long a statement waits for a lock of another connection or process.
  void wait_at_most(std::chrono::milliseconds limit);
  base::Result<void> script(const std::string& sql);
  // Runs one statement, calls `on_row` for each row, answers the number of changed rows.
  base::Result<int> run(const std::string& sql, const std::vector<SqliteValue>& parameters = {},
                        const std::function<void(const SqliteRow&)>& on_row = {});
  base::Result<void> transaction(const std::function<base::Result<void>()>& body);

 private:
  static constexpr std::size_t kMostKept = 64;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit SqliteDatabase(sqlite3* handle) : handle_(handle) {}
  [[nodiscard]] base::Error failure(const std::string& what) const;
  base::Result<Statement> take(const std::string& sql);
  void keep(const std::string& sql, Statement statement);
  sqlite3* handle_;
  std::unordered_map<std::string, Statement> kept_;
};

}  // namespace cadence::store
