#include "store/postgres_ledger.hpp"

#include "base/text.hpp"

namespace cadence::store {

using base::Result;
using queue::HookTurn;
using std::chrono::milliseconds;

namespace {

// A look-up by primary key for each, however large the ledger is.
constexpr const char* kKnown = R"sql(
select encode(k.key, 'hex') from unnest($1::bytea[]) as k(key)
 where (select true from delivery d where d.key = k.key))sql";

constexpr const char* kTake = R"sql(
insert into watched_hook as w (hook, claim, claimed_until, begun_at)
values ($1, $2::uuid, now() + $3 * interval '1 ms', now())
on conflict (hook) do update set claim = excluded.claim, claimed_until = excluded.claimed_until, begun_at = now()
 where (w.claimed_until is null or w.claimed_until <= now())
   and (w.run_at <= now() or w.begun_at < now() - $4 * interval '1 ms')
returning notes)sql";

constexpr const char* kKeep = R"sql(
update watched_hook set notes = $3, claimed_until = now() + $4 * interval '1 ms'
 where hook = $1 and claim = $2::uuid)sql";

constexpr const char* kFinish = R"sql(
update watched_hook set notes = $3, claim = null, claimed_until = null, run_at = now() + $4 * interval '1 ms'
 where hook = $1 and claim = $2::uuid)sql";

class PostgresLedger final : public queue::Ledger {
 public:
  explicit PostgresLedger(Asking ask) : ask_(std::move(ask)) {}

  Result<std::set<std::string>> known(const std::vector<std::string>& keys) override {
    std::string list = "{";
    for (const auto& key : keys) list += (list.size() == 1 ? "\"\\\\x" : ",\"\\\\x") + base::to_hex(key) + "\"";
    list += "}";
    std::set<std::string> found;
    auto asked = ask_("Deliveries could not be looked up", [&](pqxx::work& work) {
      found.clear();
      for (const auto& row : work.exec_params(kKnown, list)) found.insert(*base::from_hex(row[0].c_str()));
    });
    if (!asked) return asked.error();
    return found;
  }

  Result<std::optional<HookTurn>> take(const std::string& hook, milliseconds lease, milliseconds fresh) override {
    const auto claim = base::random_uuid();
    std::optional<HookTurn> turn;
    auto asked = ask_("A hook could not be taken", [&](pqxx::work& work) {
      const auto rows = work.exec_params(kTake, hook, claim, static_cast<long long>(lease.count()),
                                         static_cast<long long>(fresh.count()));
      turn.reset();
      if (!rows.empty()) turn = HookTurn{hook, claim, rows[0][0].c_str()};
    });
    if (!asked) return asked.error();
    return turn;
  }

  Result<bool> keep(const HookTurn& turn, milliseconds lease) override { return change(kKeep, turn, lease); }
  Result<bool> finish(const HookTurn& turn, milliseconds wait) override { return change(kFinish, turn, wait); }

  Result<std::vector<queue::HookRecord>> records() override {
    std::vector<queue::HookRecord> records;
    auto asked = ask_("The records of hooks could not be read", [&](pqxx::work& work) {
      records.clear();
      for (const auto& row : work.exec("select hook, notes from watched_hook order by hook"))
        records.push_back({row[0].c_str(), row[1].c_str()});
    });
    if (!asked) return asked.error();
    return records;
  }

 private:
  Result<bool> change(const char* sql, const HookTurn& turn, milliseconds span) {
    bool is_held = false;
    auto asked = ask_("What was found at a hook could not be noted", [&](pqxx::work& work) {
      is_held = work.exec_params(sql, turn.hook, turn.claim, turn.notes, static_cast<long long>(span.count()))
                    .affected_rows() == 1;
    });
    if (!asked) return asked.error();
    return is_held;
  }

  Asking ask_;
};

}  // namespace

std::unique_ptr<queue::Ledger> make_postgres_ledger(Asking ask) {
  return std::make_unique<PostgresLedger>(std::move(ask));
}

}  // namespace cadence::store
