#include "agent/postgres/probe.hpp"

#include <set>

#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

// The list of instances reaches us later than a new instance makes its slot: mounted files follow within minutes.
constexpr std::chrono::minutes kIdleSlotLimit{10};

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
  EXISTS (SELECT 1 FROM pg_settings WHERE pending_restart),
  current_setting('synchronous_standby_names'),
  current_setting('transaction_read_only') = 'off')";

constexpr std::string_view kReplicationQuery = R"(
SELECT application_name, state, sync_state, greatest(coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0), 0)::bigint
FROM pg_stat_replication ORDER BY 1, pid)";

std::string text(const std::optional<std::string>& value) { return value.value_or(""); }
bool is_true(const std::optional<std::string>& value) { return value == "t"; }
std::int64_t number(const std::optional<std::string>& value) { return base::parse_integer(text(value)).value_or(0); }

}  // namespace

base::Result<rules::Connection*> Probe::connection() {
  if (!connection_) {
    auto opened = rules::Connection::open({.socket_directory = options_.run_directory, .port = options_.port});
    if (!opened) return opened.error();
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

base::Result<rules::InstanceStatus> Probe::ask() {
  const auto rows = query(kInstanceQuery);
  if (!rows) return rows.error();
  if (rows->size() != 1 || (*rows)[0].size() != 10) return base::Error{base::ErrorKind::Bug, "the status query gave an unexpected shape"};
  const auto& row = (*rows)[0];
  rules::InstanceStatus out;
  const bool is_standby = is_true(row[0]);
  out.role = is_standby ? "standby" : "primary";
  out.system_identifier = text(row[1]);
  out.timeline = number(row[2]);
  out.lsn = text(row[3]);
  out.receive_lsn = text(row[4]);
  out.replay_lsn = text(row[5]);
  out.is_streaming = is_true(row[6]);
  out.is_restart_pending = is_true(row[7]);
  out.synchronous_standby_names = text(row[8]);
  out.is_writable = !is_standby && is_true(row[9]);
  if (is_standby) return out;
  const auto standbys = query(kReplicationQuery);
  if (!standbys) return standbys.error();
  for (const auto& standby : *standbys) {
    if (standby.size() == 4) out.replication.push_back({text(standby[0]), text(standby[1]), text(standby[2]), number(standby[3])});
  }
  return out;
}

base::Result<void> Probe::drop_idle_slots(const std::vector<std::string>& instances, std::chrono::steady_clock::time_point now) {
  std::set<std::string> wanted;
  for (const auto& instance : instances) {
    if (const auto slot = rules::slot_of(instance)) wanted.insert(*slot);
  }
  const auto rows = query("SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active AND starts_with(slot_name, 'cadence_')");
  if (!rows) return rows.error();
  std::map<std::string, std::chrono::steady_clock::time_point> idle;
  for (const auto& row : *rows) {
    const auto slot = text(row[0]);
    if (wanted.contains(slot)) continue;
    const auto known = idle_since_.find(slot);
    const auto since = known == idle_since_.end() ? now : known->second;
    if (now - since < kIdleSlotLimit) {
      idle[slot] = since;
      continue;
    }
    base::log_info("Dropped the slot of an instance that is gone", {{"slot", slot}});
    if (const auto dropped = query("SELECT pg_drop_replication_slot(" + rules::quote_literal(slot) + ")"); !dropped) return dropped.error();
  }
  idle_since_ = std::move(idle);
  return {};
}

}  // namespace cadence::agent::postgres
