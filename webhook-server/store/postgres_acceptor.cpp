#include "store/postgres_acceptor.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "store/postgres_address.hpp"
#include "store/postgres_outbox.hpp"

namespace cadence::store {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using queue::Accepted;
using queue::Delivery;
using std::chrono::milliseconds;

// New deliveries and their jobs in one statement. Rows are locked in key order, so two replicas with the same keys
// cannot deadlock: the bodies first, all of them, then the deliveries. A body that another key brought makes neither a
// row nor a job. The plan is kept while the ledger grows, so nothing here may be joined by reading the whole of it: a
// subquery that yields one value is looked up by its key.
constexpr const char* kAccept = R"sql(
with input as (
  select * from unnest($1::bytea[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[],
                       $13::text[], $14::text[])
    as t(key, id, provider, event, event_type, url, repo, full_name, branch, commit_id, author, body, asked_by,
         origin)
), remembered as (
  insert into delivery (key, provider, event, job_id)
  select body, provider, 'body', id from input i
   where body <> '' and (select true from delivery d where d.key = i.key) is null order by body
  on conflict (key) do nothing
  returning job_id
), fresh as (
  insert into delivery (key, provider, event, job_id)
  select key, provider, event, id from input where body = '' or id in (select job_id from remembered) order by key
  on conflict (key) do nothing
  returning job_id
), queued as (
  insert into job (id, event_type, url, repo, full_name, branch, commit_id, author, asked_by, origin)
  select id, event_type, url, repo, full_name, branch, commit_id, author, asked_by, nullif(origin, '')
    from input join fresh on id = job_id
))sql";

constexpr const char* kFresh = " select job_id from fresh";

// Where nobody is owed a status, receivers run the first one, which knows no outbox.
const std::string& accept_sql(bool is_owed) {
  static const std::string plain = std::string(kAccept) + kFresh;
  static const std::string owed = std::string(kAccept) + kOweFresh + kFresh;
  return is_owed ? owed : plain;
}

// Repeats, in a snapshot of their own. Counting them is also the barrier: this commit waits for the same standbys as
// the first one did, so a repeat is not acknowledged before the original is as durable as it should be. A failed job is
// queued again when one of the deliveries' own keys ($2) names it, not when only a body does.
constexpr const char* kRepeat = R"sql(
with known as (
  select key, job_id from delivery where key = any($1::bytea[]) order by key for update
), counted as (
  update delivery d set repeats = repeats + 1 from known k where d.key = k.key
), revived as (
  delete from job_history h where h.id = any(array(select job_id from known where key = any($2::bytea[])))
   and h.status = 'failed' returning h.*
), again as (
  insert into job (id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation, origin)
  select id, event_type, url, repo, full_name, branch, commit_id, author, created_at, generation + 1, origin
    from revived
  on conflict (id) do nothing
))sql";

constexpr const char* kKnown = R"sql(
select encode(k.key, 'hex'), k.job_id,
       case when j.id is not null then case when j.claimed_by is null then 'pending' else 'processing' end
            when h.status = 'completed' or (h.status = 'failed' and k.key <> all($2::bytea[])) then h.status
            else 'pending' end
  from known k
  left join lateral (select id, claimed_by from job where id = k.job_id limit 1) j on true
  left join lateral (select status from job_history where id = k.job_id limit 1) h on true)sql";

const std::string& repeat_sql() {
  static const std::string sql = std::string(kRepeat) + kOweRevived + kKnown;
  return sql;
}

constexpr const char* kDiskFull = "53100";

struct ResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ResultCloser>;

// An array literal of PostgreSQL: {"a","b"}.
std::string array_of(std::span<const Delivery> batch, const std::function<std::string(const Delivery&)>& value) {
  std::string text = "{";
  for (const auto& delivery : batch) {
    text += text.size() == 1 ? "\"" : ",\"";
    for (const char c : value(delivery)) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

std::string key_text(const Delivery& delivery) { return "\\x" + base::to_hex(delivery.key); }
std::string body_text(const Delivery& delivery) { return "\\x" + base::to_hex(delivery.body_key); }

class PostgresAcceptor final : public queue::Acceptor {
 public:
  PostgresAcceptor(std::shared_ptr<KnownAddress> address, std::shared_ptr<FullDisk> disk, queue::Owes owes)
      : address_(std::move(address)), disk_(std::move(disk)), owes_(std::move(owes)) {}
  ~PostgresAcceptor() override { close(); }
  PostgresAcceptor(const PostgresAcceptor&) = delete;
  PostgresAcceptor& operator=(const PostgresAcceptor&) = delete;

  Result<std::vector<Accepted>> accept(std::span<const Delivery> batch, milliseconds limit) override {
    deadline_ = base::system_clock().monotonic() + limit;
    auto accepted = try_accept(batch);
    // Whatever went wrong, the next try begins on a connection whose state is known.
    if (!accepted) close();
    else disk_->note_stored();
    return accepted;
  }

 private:
  Result<std::vector<Accepted>> try_accept(std::span<const Delivery> batch) {
    if (auto connected = connect(); !connected) return connected.error();
    const auto column = [&](auto member) { return array_of(batch, [&](const Delivery& d) { return d.spec.*member; }); };
    using Spec = queue::JobSpec;
    const auto id = [](const Delivery& d) { return d.job_id; };
    std::vector<std::string> values = {array_of(batch, key_text),
                                       array_of(batch, id),
                                       array_of(batch, [](auto& d) { return d.provider; }),
                                       array_of(batch, [](auto& d) { return d.event; }),
                                       column(&Spec::event_type),
                                       column(&Spec::url),
                                       column(&Spec::repo),
                                       column(&Spec::full_name),
                                       column(&Spec::branch),
                                       column(&Spec::commit),
                                       column(&Spec::author),
                                       array_of(batch, body_text),
                                       column(&Spec::asked_by),
                                       column(&Spec::origin)};
    const auto owed = owed_of(batch);
    if (!owed.empty()) values.push_back(array_of(owed, id));
    auto fresh = ask(owed.empty() ? "accept" : "accept_owed", values);
    if (!fresh) return fresh.error();
    std::set<std::string> stored;
    for (int row = 0; row < PQntuples(fresh->get()); ++row) stored.insert(PQgetvalue(fresh->get(), row, 0));

    std::vector<Accepted> accepted(batch.size());
    std::vector<std::size_t> repeats;
    std::vector<Delivery> repeated;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      // By job, not by key: the same delivery may be in one batch twice, and only one of the two made the row.
      if (stored.contains(batch[i].job_id)) {
        accepted[i] = {batch[i].job_id, queue::JobStatus::Pending, true};
      } else {
        repeats.push_back(i);
        repeated.push_back(batch[i]);
      }
    }
    if (repeats.empty()) return accepted;
    if (auto known = answer_repeats(repeated); known) {
      for (std::size_t i = 0; i < repeats.size(); ++i) accepted[repeats[i]] = (*known)[i];
      return accepted;
    } else {
      return known.error();
    }
  }

  Result<std::vector<Accepted>> answer_repeats(std::span<const Delivery> repeated) {
    std::vector<Delivery> both(repeated.begin(), repeated.end());
    for (const auto& delivery : repeated) {
      if (delivery.body_key.empty()) continue;
      both.emplace_back();
      both.back().key = delivery.body_key;
    }
    auto known =
        ask("repeat", {array_of(both, key_text), array_of(repeated, key_text), array_of(owed_of(repeated), key_text)});
    if (!known) return known.error();
    std::map<std::string, Accepted> by_key;
    for (int row = 0; row < PQntuples(known->get()); ++row)
      by_key[PQgetvalue(known->get(), row, 0)] = {PQgetvalue(known->get(), row, 1),
                                                  *queue::parse_status(PQgetvalue(known->get(), row, 2)), false};
    std::vector<Accepted> accepted;
    for (const auto& delivery : repeated) {
      auto it = by_key.find(base::to_hex(delivery.key));
      if (it == by_key.end()) it = by_key.find(base::to_hex(delivery.body_key));
      // Only the retention purge removes a key; the repeat of the whole batch then stores it as new.
      if (it == by_key.end()) return Error{ErrorKind::Transient, "A delivery left the ledger while it was looked up"};
      accepted.push_back(it->second);
    }
    return accepted;
  }

  // Those whose sender is answered back.
  std::vector<Delivery> owed_of(std::span<const Delivery> batch) const {
    std::vector<Delivery> owed;
    if (owes_)
      std::copy_if(batch.begin(), batch.end(), std::back_inserter(owed), [&](auto& d) { return owes_(d.spec); });
    return owed;
  }

  int left() const {
    const auto rest = std::chrono::duration_cast<milliseconds>(deadline_ - base::system_clock().monotonic()).count();
    return static_cast<int>(std::max<std::int64_t>(rest, 0));
  }

  bool wait(short events) const {
    pollfd descriptor{PQsocket(connection_), events, 0};
    return poll(&descriptor, 1, left()) > 0;
  }

  Error failure(const std::string& what, const std::string& sqlstate = {}) const {
    std::string reason = connection_ != nullptr ? PQerrorMessage(connection_) : "";
    if (sqlstate == kDiskFull) {
      disk_->note_full();
      reason = std::string(queue::kDiskIsFull) + ": " + reason;
    }
    return {is_transient_sqlstate(sqlstate) ? ErrorKind::Transient : ErrorKind::Invalid,
            what + (reason.empty() ? "" : ": " + std::string(base::trim(reason)))};
  }

  Result<void> connect() {
    if (connection_ != nullptr) return base::ok();
    const auto addresses = address_->to_try();
    if (!addresses) return addresses.error();
    auto connected = connect_to(addresses->front());
    for (std::size_t i = 1; !connected && i < addresses->size(); ++i) {
      close();
      if (!connect_to((*addresses)[i])) continue;
      base::log_warning("Stored with the earlier login: the present one opened no session",
                        {{"error", connected.error().message}});
      connected = base::ok();
    }
    return connected;
  }

  Result<void> connect_to(const PostgresAddress& address) {
    connection_ = PQconnectStart(address.conninfo().c_str());
    if (connection_ == nullptr || PQstatus(connection_) == CONNECTION_BAD)
      return failure("PostgreSQL could not be reached");
    for (auto step = PGRES_POLLING_WRITING; step != PGRES_POLLING_OK; step = PQconnectPoll(connection_)) {
      if (step == PGRES_POLLING_FAILED) return failure("PostgreSQL could not be reached");
      if (!wait(step == PGRES_POLLING_READING ? POLLIN : POLLOUT)) return failure("PostgreSQL did not answer in time");
    }
    PQsetnonblocking(connection_, 1);
    address_->note_connected(address);
    PQsetNoticeReceiver(connection_, &PostgresAcceptor::on_notice, this);
    if (PQsendQuery(connection_, "set enable_seqscan = off; set jit = off") != 1)
      return failure("A session could not be set up");
    if (auto set = finish(); !set) return set.error();
    for (const auto& [name, sql] : {std::pair("accept", &accept_sql(false)),
                                    std::pair("accept_owed", &accept_sql(true)), std::pair("repeat", &repeat_sql())})
      if (auto prepared = prepare(name, sql->c_str()); !prepared) return prepared;
    return base::ok();
  }

  Result<void> prepare(const char* name, const char* sql) {
    if (PQsendPrepare(connection_, name, sql, 0, nullptr) != 1) return failure("A statement could not be prepared");
    if (auto answer = finish(); !answer) return answer.error();
    return base::ok();
  }

  Result<Answer> ask(const char* name, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    for (const auto& parameter : parameters) values.push_back(parameter.c_str());
    is_doubtful_ = false;
    if (PQsendQueryPrepared(connection_, name, static_cast<int>(values.size()), values.data(), nullptr, nullptr, 0) !=
        1)
      return failure("Deliveries could not be sent to PostgreSQL");
    auto answer = finish();
    if (answer && is_doubtful_)
      return Error{ErrorKind::Transient, "PostgreSQL committed without waiting for a standby"};
    return answer;
  }

  Result<Answer> finish() {
    for (int pending = PQflush(connection_); pending != 0; pending = PQflush(connection_)) {
      if (pending < 0 || !wait(POLLOUT | POLLIN) || PQconsumeInput(connection_) != 1)
        return failure("PostgreSQL took no more data");
    }
    Answer last;
    for (;;) {
      while (PQisBusy(connection_) == 1)
        if (!wait(POLLIN) || PQconsumeInput(connection_) != 1) return failure("PostgreSQL did not answer in time");
      PGresult* next = PQgetResult(connection_);
      if (next == nullptr) break;
      last.reset(next);
    }
    const auto status = PQresultStatus(last.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return last;
    const char* sqlstate = PQresultErrorField(last.get(), PG_DIAG_SQLSTATE);
    return failure("Deliveries could not be stored", sqlstate != nullptr ? sqlstate : "");
  }

  // A wait for a synchronous standby that was cancelled ends in a warning and a commit that only this server has
  // (SQLSTATE 01000).
  static void on_notice(void* self, const PGresult* notice) {
    const char* sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    if (sqlstate != nullptr && std::strcmp(sqlstate, "01000") == 0)
      static_cast<PostgresAcceptor*>(self)->is_doubtful_ = true;
  }

  void close() {
    if (connection_ != nullptr) PQfinish(connection_);
    connection_ = nullptr;
  }

  std::shared_ptr<KnownAddress> address_;
  std::shared_ptr<FullDisk> disk_;
  queue::Owes owes_;
  PGconn* connection_ = nullptr;
  base::Monotonic deadline_{};
  bool is_doubtful_ = false;
};

}  // namespace

std::array<Statement, 3> acceptor_statements() {
  return {{{accept_sql(false).c_str(), 14}, {accept_sql(true).c_str(), 15}, {repeat_sql().c_str(), 3}}};
}

std::unique_ptr<queue::Acceptor> make_postgres_acceptor(std::shared_ptr<KnownAddress> address,
                                                        std::shared_ptr<FullDisk> disk, queue::Owes owes) {
  return std::make_unique<PostgresAcceptor>(std::move(address), std::move(disk), std::move(owes));
}

}  // namespace cadence::store
