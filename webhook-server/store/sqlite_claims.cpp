#include "store/sqlite_claims.hpp"

#include <optional>

#include "base/text.hpp"
#include "store/sqlite_rows.hpp"

namespace cadence::store {

using base::Result;
using queue::Claim;

namespace {

// A job that waits, and whose turn it would be; no owner: it was asked for.
struct Waiting {
  std::string id, owner, full_name;
  bool is_again = false;  // it was claimed before: its turn is over
};

class Claiming {
 public:
  Claiming(SqliteDatabase& database, const queue::Worker& worker, std::int64_t time)
      : database_(database), worker_(worker), time_(time) {}

  Result<bool> has_lease() {
    auto lease =
        first("select 1 from worker where incarnation = ?1 and lease_until > ?2", {worker_.incarnation, time_});
    if (!lease) return lease.error();
    return lease->has_value();
  }

  Result<std::optional<Waiting>> next(const std::vector<std::string>& held, bool is_room_for_asked) {
    auto again = lost_claim(held, is_room_for_asked);
    if (again && !*again) again = lost_by_others(is_room_for_asked);
    if (again && *again) (*again)->is_again = true;
    if (!again || *again) return again;
    auto push = next_push();
    if (!push || *push || !is_room_for_asked) return push;
    return job(
        "indexed by job_asked where claimed_by = '' and owner is null and run_at <= ?1 order by run_at, id limit 1",
        {time_});
  }

  Result<Claim> take(const Waiting& waiting) {
    auto taken = database_.run(
        "update job set claimed_by = ?2, replica = ?3, attempt = attempt + 1, progress = 'initializing', "
        "updated_at = ?4 where id = ?1",
        {waiting.id, worker_.incarnation, worker_.replica, time_});
    if (!taken) return taken.error();
    Claim claim;
    auto read = database_.run(
        "select event_type, url, repo, full_name, branch, commit_id, author, attempt, generation, asked_by, run_at, "
        "coalesce((select origin from job_origin where job_id = id), '') from job where id = ?1",
        {waiting.id}, [&](const SqliteRow& row) {
          claim = {waiting.id, spec_of(row, 0), static_cast<int>(row.number(7)), static_cast<int>(row.number(8)), {}};
          claim.spec.asked_by = row.text(9);
          claim.waiting_since = base::Wall(std::chrono::microseconds(row.number(10)));
          claim.spec.origin = row.text(11);
        });
    if (!read) return read.error();
    return claim;
  }

  // Behind the owner whose push was taken, and in its lane behind the repository; a lane in which nothing more waits
  // is removed.
  Result<void> pass_turn(const Waiting& taken) {
    auto more = first("select 1 from job where claimed_by = '' and owner = ?1 limit 1", {taken.owner});
    if (!more) return more.error();
    if (auto moved = move_turn("", taken.owner); !moved) return moved;
    if (*more) return move_turn(taken.owner, taken.full_name);
    auto gone = database_.run("delete from turn where lane = ?1", {taken.owner});
    return gone ? base::ok() : Result<void>(gone.error());
  }

 private:
  using Values = std::vector<SqliteValue>;

  Result<std::optional<std::string>> first(const std::string& sql, const Values& values) {
    std::optional<std::string> found;
    auto read = database_.run(sql, values, [&](const SqliteRow& row) { found = row.text(0); });
    if (!read) return read.error();
    return found;
  }

  Result<std::optional<Waiting>> job(const std::string& where, const Values& values) {
    std::optional<Waiting> found;
    auto read =
        database_.run("select id, coalesce(owner, ''), full_name from job " + where, values, [&](const SqliteRow& row) {
          found = {row.text(0), row.text(1), row.text(2), false};
        });
    if (!read) return read.error();
    return found;
  }

  Result<std::optional<Waiting>> lost_claim(const std::vector<std::string>& held, bool is_room_for_asked) {
    std::string others;
    for (const auto& id : held) others += (others.empty() ? "'" : ", '") + base::replace_all(id, "'", "") + "'";
    return job("where claimed_by = ?1 and id not in (" + others + ")" +
                   (is_room_for_asked ? "" : " and owner is not null") + " limit 1",
               {worker_.incarnation});
  }

  Result<std::optional<Waiting>> lost_by_others(bool is_room_for_asked) {
    return job(std::string("indexed by job_again where claimed_by = '' and attempt > 0 and run_at <= ?1") +
                   (is_room_for_asked ? "" : " and owner is not null") + " order by run_at limit 1",
               {time_});
  }

  // The next name behind the lane's last one, else the first of all. `of`: which names, beginning with "where".
  Result<std::optional<std::string>> next_in(const std::string& lane, const std::string& name, const std::string& of,
                                             const Values& values) {
    auto last = first("select last from turn where lane = ?1", {lane});
    if (!last) return last.error();
    const std::string names = "select " + name + " from job indexed by job_turn " + of,
                      in_order = " order by " + name + " limit 1";
    if (*last) {
      auto with_last = values;
      with_last.emplace_back(**last);
      auto behind = first(names + " and " + name + " > ?" + std::to_string(with_last.size()) + in_order, with_last);
      if (!behind || *behind) return behind;
    }
    return first(names + in_order, values);
  }

  Result<std::optional<Waiting>> next_push() {
    auto owner = next_in("", "owner", "where claimed_by = '' and owner is not null", {});
    if (!owner) return owner.error();
    if (!*owner) return std::optional<Waiting>();
    auto repository = next_in(**owner, "full_name", "where claimed_by = '' and owner = ?1", {**owner});
    if (!repository) return repository.error();
    auto push =
        job("where claimed_by = '' and owner = ?1 and full_name = ?2 and run_at <= ?3 order by run_at, id limit 1",
            {**owner, repository->value_or(""), time_});
    if (!push || *push) return push;
    // What waits there was stored by a clock that is ahead of ours.
    return job("where claimed_by = '' and owner is not null and run_at <= ?1 order by owner, full_name, run_at limit 1",
               {time_});
  }

  Result<void> move_turn(const std::string& lane, const std::string& last) {
    auto moved = database_.run(
        "insert into turn (lane, last) values (?1, ?2) on conflict (lane) do update set last = excluded.last",
        {lane, last});
    return moved ? base::ok() : Result<void>(moved.error());
  }

  SqliteDatabase& database_;
  const queue::Worker& worker_;
  std::int64_t time_;
};

}  // namespace

Result<std::vector<Claim>> claim_jobs(SqliteDatabase& database, const queue::Worker& worker, queue::Room room,
                                      std::vector<std::string> held, std::int64_t time) {
  Claiming claiming(database, worker, time);
  std::vector<Claim> claims;
  const auto lease = claiming.has_lease();
  if (!lease) return lease.error();
  while (*lease && static_cast<int>(claims.size()) < room.all) {
    auto waiting = claiming.next(held, room.asked > 0);
    if (!waiting) return waiting.error();
    if (!*waiting) break;
    auto claim = claiming.take(**waiting);
    if (!claim) return claim.error();
    const bool is_push = !(*waiting)->owner.empty();
    if (!is_push) --room.asked;
    if (is_push && !(*waiting)->is_again)
      if (auto passed = claiming.pass_turn(**waiting); !passed) return passed.error();
    held.push_back(claim->job_id);
    claims.push_back(std::move(*claim));
  }
  return claims;
}

}  // namespace cadence::store
