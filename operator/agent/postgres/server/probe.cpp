#include "agent/postgres/server/probe.hpp"

#include <set>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "postgres/rules/replication.hpp"

namespace cadence::agent::postgres {
namespace {

// The list of instances reaches us later than a new instance makes its slot: mounted files follow within minutes.
constexpr std::chrono::minutes kIdleSlotLimit{10};

// A parameter that was put into the file and taken out again before a restart is called pending by PostgreSQL for ever;
// it has what a restart would give it.
constexpr std::string_view kInstanceQuery = R"(
SELECT pg_is_in_recovery(),
  (SELECT system_identifier FROM pg_control_system()),
  CASE WHEN pg_is_in_recovery()
    THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint()))
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
  pg_last_wal_receive_lsn(),
  pg_last_wal_replay_lsn(),
  EXISTS (SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'),
  EXISTS (SELECT 1 FROM pg_settings s WHERE pending_restart AND (source = 'configuration file'
    OR EXISTS (SELECT 1 FROM pg_file_settings f WHERE f.name = s.name))),
  CASE WHEN EXISTS (SELECT 1 FROM pg_settings WHERE pending_restart)
    THEN EXISTS (SELECT 1 FROM pg_settings s JOIN pg_file_settings f ON f.name = s.name WHERE s.pending_restart
      AND s.name IN ('max_connections', 'max_locks_per_transaction', 'max_prepared_transactions',
        'max_wal_senders', 'max_worker_processes')
      AND f.setting::bigint < s.setting::bigint)
    ELSE false END,
  current_setting('synchronous_standby_names'),
  current_setting('transaction_read_only') = 'off',
  current_setting('fsync'), current_setting('full_page_writes'), current_setting('zero_damaged_pages'),
  (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'),
  CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn() END)";

constexpr std::string_view kReplicationQuery = R"(
SELECT application_name, state, sync_state, flush_lsn,
  greatest(coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0), 0)::bigint,
  CASE (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit')
    WHEN 'remote_write' THEN write_lsn WHEN 'remote_apply' THEN replay_lsn ELSE flush_lsn END
FROM pg_stat_replication ORDER BY 1, pid)";

// The newest timeline of which anything was received: the control file lags behind, the receiver may be gone.
constexpr std::string_view kLogEndQuery = R"(
SELECT greatest((SELECT timeline_id FROM pg_control_checkpoint()),
    (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
    (SELECT max(('x' || substr(name, 1, 8))::bit(32)::int) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')),
  pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_is_in_recovery())";

// Our calls have a bound of their own: one that the database has for everybody would make it look as if it did not
// answer.
constexpr const char* kUnbounded = "-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0";

std::string text(const std::optional<std::string>& value) { return value.value_or(""); }
bool is_true(const std::optional<std::string>& value) { return value == "t"; }
std::int64_t number(const std::optional<std::string>& value) { return base::parse_integer(text(value)).value_or(0); }

}  // namespace

base::Result<rules::Connection*> Probe::connection() {
  if (!connection_ || !connection_->is_open()) {
    connection_.reset();
    auto opened = rules::Connection::open(
        {.socket_directory = options_.run_directory, .port = options_.port, .settings = kUnbounded});
    if (!opened) return opened.error();
    // Said afterwards, so that what the server says to everybody else can still be read beside it.
    if (const auto local = opened->query("SET synchronous_commit = local"); !local) return local.error();
    connection_.emplace(std::move(*opened));
  }
  return &*connection_;
}

base::Result<std::vector<rules::Row>> Probe::query(std::string_view sql) {
  const auto open = connection();
  if (!open) return open.error();
  auto rows = (*open)->query(sql);
  if (!rows && rows.error().kind == base::ErrorKind::Transient) connection_.reset();
  return rows;
}

base::Result<Answer> Probe::ask() {
  const auto rows = query(kInstanceQuery);
  if (!rows) return rows.error();
  if (rows->size() != 1 || (*rows)[0].size() != 16)
    return base::Error{base::ErrorKind::Bug, "the status query gave an unexpected shape"};
  const auto& row = (*rows)[0];
  Answer answer;
  auto& out = answer.status;
  const bool is_standby = is_true(row[0]);
  out.role = is_standby ? "standby" : "primary";
  out.system_identifier = text(row[1]);
  out.timeline = number(row[2]);
  out.lsn = text(row[3]);
  out.receive_lsn = text(row[4]);
  out.replay_lsn = text(row[5]);
  out.is_streaming = is_true(row[6]);
  out.is_restart_pending = is_true(row[7]);
  out.is_decrease_pending = !is_standby && is_true(row[8]);
  out.synchronous_standby_names = text(row[9]);
  out.is_writable = !is_standby && is_true(row[10]);
  answer.in_force = {{"fsync", text(row[11])},
                     {"full_page_writes", text(row[12])},
                     {"zero_damaged_pages", text(row[13])},
                     {"synchronous_commit", text(row[14])}};
  answer.flushed = rules::parse_lsn(text(row[15])).value_or(0);
  if (is_standby) return answer;
  const auto standbys = query(kReplicationQuery);
  if (!standbys) return standbys.error();
  for (const auto& standby : *standbys) {
    if (standby.size() == 6)
      out.replication.push_back({text(standby[0]), text(standby[1]), text(standby[2]), text(standby[3]),
                                 number(standby[4]), text(standby[5])});
  }
  return answer;
}

base::Result<std::string> Probe::one(std::string_view sql) {
  const auto rows = query(sql);
  if (!rows) return rows.error();
  return rows->empty() || (*rows)[0].empty() ? std::string() : text((*rows)[0][0]);
}

base::Result<Reception> Probe::reception() {
  const auto rows = query(
      "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END, (SELECT pid FROM "
      "pg_stat_wal_receiver WHERE status = 'streaming')");
  if (!rows) return rows.error();
  if (rows->size() != 1 || (*rows)[0].size() != 3)
    return base::Error{base::ErrorKind::Bug, "the query for the stream gave an unexpected shape"};
  const auto& row = (*rows)[0];
  return Reception{is_true(row[0]), is_true(row[1]), static_cast<pid_t>(number(row[2]))};
}

base::Result<void> Probe::resume_replay() {
  const auto done = query("SELECT pg_wal_replay_resume()");
  return done ? base::ok() : base::Result<void>(done.error());
}

base::Result<pid_t> Probe::wal_receiver() {
  const auto answer = one("SELECT pid FROM pg_stat_wal_receiver");
  if (!answer) return answer.error();
  return static_cast<pid_t>(base::parse_integer(*answer).value_or(0));
}

base::Result<rules::MemberReport> Probe::log_end() {
  const auto rows = query(kLogEndQuery);
  if (!rows) return rows.error();
  if (rows->size() != 1 || (*rows)[0].size() != 4)
    return base::Error{base::ErrorKind::Bug, "the query for the log's end gave an unexpected shape"};
  const auto& row = (*rows)[0];
  if (!is_true(row[3])) return base::Error{base::ErrorKind::Conflict, "it was promoted, and nobody elected it"};
  rules::MemberReport out;
  out.name = options_.instance;
  out.timeline = number(row[0]);
  out.received = rules::parse_lsn(text(row[1])).value_or(0);
  out.replayed = rules::parse_lsn(text(row[2])).value_or(0);
  return out;
}

base::Result<bool> Probe::is_log_read() {
  const auto answer =
      one("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE backend_type = 'startup' AND wait_event IN "
          "('RecoveryRetrieveRetryInterval', 'RecoveryWalStream'))");
  if (!answer) return answer.error();
  return *answer == "t";
}

base::Result<std::string> Probe::oldest_lsn() {
  const auto name = one("SELECT min(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'");
  if (!name) return name.error();
  const auto segment = rules::parse_segment(*name);
  return segment ? rules::format_lsn(segment->start) : std::string();
}

bool Probe::is_confirmed_by(const std::string& standby, std::chrono::milliseconds at_most) {
  if (!query("SELECT pg_logical_emit_message(true, 'cadence-agent', '')")) return false;
  const auto written = one("SELECT pg_current_wal_flush_lsn()");
  if (!written) return false;
  const auto question =
      "SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE application_name = " + rules::quote_literal(standby) +
      " AND flush_lsn >= " + rules::quote_literal(*written) + "::pg_lsn)";
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (std::chrono::steady_clock::now() < deadline) {
    if (const auto answer = one(question); answer && *answer == "t") return true;
    base::wait_for({}, std::chrono::milliseconds(10));
  }
  return false;
}

base::Result<void> Probe::tend_slots(const std::vector<std::string>& others, bool is_primary,
                                     std::chrono::steady_clock::time_point now) {
  std::set<std::string> missing;
  for (const auto& instance : others) {
    if (const auto slot = rules::slot_of(instance)) missing.insert(*slot);
  }
  const auto wanted = missing;
  const auto rows = query(
      "SELECT slot_name, active, coalesce(wal_status, ''), restart_lsn IS NOT NULL FROM pg_replication_slots WHERE "
      "slot_type = 'physical' AND starts_with(slot_name, 'cadence_')");
  if (!rows) return rows.error();
  std::map<std::string, std::chrono::steady_clock::time_point> idle;
  for (const auto& row : *rows) {
    const auto slot = text(row[0]);
    const bool is_active = is_true(row[1]), is_lost = row[2] == "lost", holds_wal = is_true(row[3]);
    bool is_kept = wanted.contains(slot) && !is_lost && (is_primary || !holds_wal);
    if (!wanted.contains(slot)) {
      const auto known = idle_since_.find(slot);
      const auto since = known == idle_since_.end() ? now : known->second;
      is_kept = now - since < kIdleSlotLimit && is_primary;
      if (is_kept) idle[slot] = since;
    }
    if (is_kept || is_active) {
      missing.erase(slot);
      continue;
    }
    if (is_primary)
      base::log_info("Dropped a replication slot",
                     {{"slot", slot}, {"why", is_lost ? "its WAL is gone" : "its instance is gone"}});
    if (const auto dropped = query("SELECT pg_drop_replication_slot(" + rules::quote_literal(slot) + ")"); !dropped)
      return dropped.error();
  }
  for (const auto& slot : missing) {
    if (const auto made = query("SELECT pg_create_physical_replication_slot(" + rules::quote_literal(slot) + ")");
        !made)
      return made.error();
  }
  idle_since_ = std::move(idle);
  return {};
}

base::Result<std::string> Probe::strange_slots() {
  // A lost one keeps nothing any more; a temporary one goes with its session.
  const auto rows = query(
      "SELECT slot_name, active, greatest(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
      "ELSE pg_current_wal_lsn() END, restart_lsn), 0)::bigint, current_setting('max_slot_wal_keep_size') FROM "
      "pg_replication_slots WHERE NOT temporary AND restart_lsn IS NOT NULL AND wal_status IS DISTINCT FROM 'lost' AND "
      "NOT (slot_type = 'physical' AND starts_with(slot_name, 'cadence_')) ORDER BY 3 DESC, 1");
  if (!rows) return rows.error();
  std::vector<rules::StrangeSlot> slots;
  for (const auto& row : *rows) slots.push_back({text(row[0]), is_true(row[1]), number(row[2])});
  return rules::tell_strange_slots(slots, rows->empty() ? "" : text(rows->front()[3]));
}

}  // namespace cadence::agent::postgres
