#include "store/postgres_claims.hpp"

#include "base/text.hpp"
#include "store/postgres_rows.hpp"

namespace cadence::store {

namespace {

// `turn` holds whom the last claim went to: in lane '' the owner, in an owner's lane the repository; lanes of owners
// for whom nothing more waits are removed. The next one is found in the index of what waits (job_turn), behind that
// name and else at the beginning. A row of `turn` that another claim has locked is left as it is, for nobody shall wait
// for somebody else's commit. `again`: its worker was lost, so its turn is over; `other`: the turn's jobs are being
// claimed at this moment. Nobody waits for a claim to be durable: where it is lost with its server the job is claimed
// again, and what was made under it matches no claim.
constexpr const char* kClaim = R"sql(
with mine as materialized (
  select id from job where claimed_by = $1::uuid and id <> all($2::uuid[]) and (owner is not null or $3::int > 0)
   limit 1 for update skip locked
), again as materialized (
  select id from job
   where claimed_by is null and attempt > 0 and run_at <= now() and (owner is not null or $3::int > 0)
     and not exists (select from mine)
   order by run_at, id limit 1 for update skip locked
), owner as materialized (
  select coalesce(
    (select owner from job where claimed_by is null and owner > (select last from turn where lane = '')
      order by owner limit 1),
    (select owner from job where claimed_by is null and owner is not null order by owner limit 1)) as name
   where not exists (select from mine) and not exists (select from again)
), repository as materialized (
  select coalesce(
    (select full_name from job where claimed_by is null and owner = (select name from owner)
        and full_name > (select last from turn where lane = (select name from owner)) order by full_name limit 1),
    (select full_name from job where claimed_by is null and owner = (select name from owner)
      order by full_name limit 1)) as name
), next as materialized (
  select id from job
   where claimed_by is null and owner = (select name from owner) and full_name = (select name from repository)
     and run_at <= now()
   order by run_at, id limit 1 for update skip locked
), other as materialized (
  select id from job
   where claimed_by is null and owner is not null and run_at <= now()
     and exists (select from owner where name is not null) and not exists (select from next)
   order by owner, full_name, run_at, id limit 1 for update skip locked
), asked as materialized (
  select id from job
   where claimed_by is null and event_type like 'api\_%' and run_at <= now() and $3::int > 0
     and not exists (select from mine) and not exists (select from again)
     and not exists (select from next) and not exists (select from other)
   order by run_at, id limit 1 for update skip locked
), taken as (
  update job j set claimed_by = $1::uuid, replica = $4, attempt = attempt + 1, progress = 'initializing',
                   updated_at = now()
    from (select id from mine union all select id from again union all select id from next
          union all select id from other union all select id from asked) as chosen
   where j.id = chosen.id and exists (select from worker where incarnation = $1::uuid and lease_until > now())
  returning j.*
), place as (
  select lane, last, is_over from taken t, lateral (values
    ('', owner, not exists (select from job j where j.claimed_by is null and j.owner is not null and j.id <> t.id)),
    (owner, full_name,
     not exists (select from job j where j.claimed_by is null and j.owner = t.owner and j.id <> t.id))
  ) as place (lane, last, is_over)
   where owner is not null and id in (select id from next union all select id from other)
), free as materialized (
  select lane from turn where lane in (select lane from place) for update skip locked
), moved as (
  update turn t set last = p.last from place p, free f where t.lane = p.lane and t.lane = f.lane and not p.is_over
), emptied as (
  delete from turn t using place p, free f where t.lane = p.lane and t.lane = f.lane and p.is_over and p.lane <> ''
), begun as (
  insert into turn (lane, last) select lane, last from place p
   where not is_over and not exists (select from turn t where t.lane = p.lane)
  on conflict do nothing
)
select id, event_type, url, repo, full_name, branch, commit_id, author, attempt, generation, asked_by,
       coalesce(origin, '') as origin, (extract(epoch from run_at) * 1000000)::bigint as since,
       set_config('synchronous_commit', 'off', true)
  from taken)sql";

}  // namespace

Statement claim_statement() { return {kClaim, 4}; }

void prepare_to_claim(pqxx::connection& connection) {
  // Planning the statement takes longer than running it. Its plan is kept, so it must be the one by the indexes even
  // where the statistics are those of an empty queue.
  connection.set_variable("enable_seqscan", "off");
  connection.set_variable("enable_sort", "off");
  // Both make plans look so dear that PostgreSQL would compile them, which takes longer than running them.
  connection.set_variable("jit", "off");
  connection.prepare("claim", kClaim);
}

std::vector<queue::Claim> claim_jobs(pqxx::nontransaction& session, const queue::Worker& worker, queue::Room room,
                                     std::vector<std::string> held) {
  std::vector<queue::Claim> claims;
  while (static_cast<int>(claims.size()) < room.all) {
    const auto ids = "{" + base::join(held, ",") + "}";
    const auto rows = session.exec_prepared("claim", worker.incarnation, ids, room.asked, worker.replica);
    if (rows.empty()) break;
    const auto& row = rows[0];
    claims.push_back({row["id"].c_str(), spec_of(row), row["attempt"].as<int>(), row["generation"].as<int>(), {}});
    claims.back().spec.asked_by = row["asked_by"].c_str();
    claims.back().spec.origin = row["origin"].c_str();
    claims.back().waiting_since = base::Wall(std::chrono::microseconds(row["since"].as<long long>()));
    held.push_back(claims.back().job_id);
    if (queue::is_asked_for(claims.back().spec)) --room.asked;
  }
  return claims;
}

}  // namespace cadence::store
