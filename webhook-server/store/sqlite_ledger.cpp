#include "store/sqlite_ledger.hpp"

#include "base/text.hpp"
#include "store/sqlite_rows.hpp"

namespace cadence::store {

using base::Result;
using queue::HookTurn;
using std::chrono::milliseconds;

namespace {

constexpr const char* kIsDue = "claimed_until <= ?2 and (run_at <= ?2 or begun_at < ?3)";

class SqliteLedger final : public queue::Ledger {
 public:
  SqliteLedger(Using writer, Using reader) : write_(std::move(writer)), read_(std::move(reader)) {}

  Result<std::set<std::string>> known(const std::vector<std::string>& keys) override {
    std::set<std::string> found;
    auto looked = read_([&](SqliteDatabase& database) -> Result<void> {
      for (const auto& key : keys) {
        auto ran = database.run("select 1 from delivery where key = ?1", {base::to_hex(key)},
                                [&](const SqliteRow&) { found.insert(key); });
        if (!ran) return ran.error();
      }
      return base::ok();
    });
    if (!looked) return looked.error();
    return found;
  }

  // Looking costs no writer anything, and mostly no hook is due.
  Result<std::optional<HookTurn>> take(const std::string& hook, milliseconds lease, milliseconds fresh) override {
    const auto time = now(), stale = time - micros(fresh);
    bool is_waiting = false;
    auto looked = read_([&](SqliteDatabase& database) {
      return done(database.run(std::string("select 1 from watched_hook where hook = ?1 and not (") + kIsDue + ")",
                               {hook, time, stale}, [&](const SqliteRow&) { is_waiting = true; }));
    });
    if (!looked) return looked.error();
    std::optional<HookTurn> turn;
    if (is_waiting) return turn;
    const auto claim = base::random_uuid();
    auto taken = write_([&](SqliteDatabase& database) {
      return done(database.run(
          std::string("insert into watched_hook (hook, begun_at, claim, claimed_until) values (?1, ?2, ?4, ?5) "
                      "on conflict (hook) do update set begun_at = ?2, claim = ?4, claimed_until = ?5 where ") +
              kIsDue + " returning notes",
          {hook, time, stale, claim, time + micros(lease)}, [&](const SqliteRow& row) {
            turn = HookTurn{hook, claim, row.text(0)};
          }));
    });
    if (!taken) return taken.error();
    return turn;
  }

  Result<bool> keep(const HookTurn& turn, milliseconds lease) override {
    return change("update watched_hook set notes = ?3, claimed_until = ?4 where hook = ?1 and claim = ?2", turn, lease);
  }
  Result<bool> finish(const HookTurn& turn, milliseconds wait) override {
    return change(
        "update watched_hook set notes = ?3, claim = '', claimed_until = 0, run_at = ?4 where hook = ?1 and claim = ?2",
        turn, wait);
  }

  Result<std::vector<queue::HookRecord>> records() override {
    std::vector<queue::HookRecord> records;
    auto read = read_([&](SqliteDatabase& database) {
      return done(database.run("select hook, notes from watched_hook order by hook", {}, [&](const SqliteRow& row) {
        records.push_back({row.text(0), row.text(1)});
      }));
    });
    if (!read) return read.error();
    return records;
  }

 private:
  Result<bool> change(const std::string& sql, const HookTurn& turn, milliseconds span) {
    bool is_held = false;
    auto changed = write_([&](SqliteDatabase& database) {
      auto ran = database.run(sql, {turn.hook, turn.claim, turn.notes, now() + micros(span)});
      is_held = ran && *ran == 1;
      return done(ran);
    });
    if (!changed) return changed.error();
    return is_held;
  }

  Using write_, read_;
};

}  // namespace

std::unique_ptr<queue::Ledger> make_sqlite_ledger(Using writer, Using reader) {
  return std::make_unique<SqliteLedger>(std::move(writer), std::move(reader));
}

}  // namespace cadence::store
