#include "postgres/rules/instance_status.hpp"

namespace cadence::postgres {

using json::field;

json::Object ReplicationRow::json_fields() {
  return {.name = "ReplicationRow",
          .fields = {field<&ReplicationRow::name>("name", "Instance name of the standby."),
                     field<&ReplicationRow::state>("state"), field<&ReplicationRow::sync_state>("sync_state"),
                     field<&ReplicationRow::flush_lsn>("flush_lsn"),
                     field<&ReplicationRow::replay_lag_bytes>("replay_lag_bytes"),
                     field<&ReplicationRow::confirmed_lsn>("confirmed_lsn")},
          .rules = {}};
}

json::Object DiskUse::json_fields() {
  return {.name = "DiskUse",
          .fields = {field<&DiskUse::size_bytes>("size_bytes"), field<&DiskUse::free_bytes>("free_bytes")},
          .rules = {}};
}

json::Object InstanceStatus::json_fields() {
  return {
      .name = "InstanceStatus",
      .fields = {field<&InstanceStatus::instance>("instance").always(),
                 field<&InstanceStatus::role>("role").one_of({"primary", "standby", "starting", "stopped"}).always(),
                 field<&InstanceStatus::state>("state").always(),
                 field<&InstanceStatus::message>("message").always(),
                 field<&InstanceStatus::blocked>("blocked"),
                 field<&InstanceStatus::timeline>("timeline"),
                 field<&InstanceStatus::lsn>("lsn").always(),
                 field<&InstanceStatus::receive_lsn>("receive_lsn").always(),
                 field<&InstanceStatus::replay_lsn>("replay_lsn").always(),
                 field<&InstanceStatus::system_identifier>("system_identifier").always(),
                 field<&InstanceStatus::replication>("replication").always(),
                 field<&InstanceStatus::is_writable>("is_writable"),
                 field<&InstanceStatus::is_streaming>("is_streaming"),
                 field<&InstanceStatus::is_restart_pending>("is_restart_pending"),
                 field<&InstanceStatus::is_decrease_pending>("is_decrease_pending"),
                 field<&InstanceStatus::oldest_lsn>("oldest_lsn"),
                 field<&InstanceStatus::config_hash>("config_hash"),
                 field<&InstanceStatus::config_error>("config_error"),
                 field<&InstanceStatus::roles_hash>("roles_hash"),
                 field<&InstanceStatus::application_login>("application_login"),
                 field<&InstanceStatus::disk>("disk"),
                 field<&InstanceStatus::wal_disk>("wal_disk"),
                 field<&InstanceStatus::synchronous_standby_names>("synchronous_standby_names").always(),
                 field<&InstanceStatus::unacknowledged>("unacknowledged"),
                 field<&InstanceStatus::unprotected>("unprotected"),
                 field<&InstanceStatus::overridden>("overridden"),
                 field<&InstanceStatus::strange_slots>("strange_slots"),
                 field<&InstanceStatus::volume>("volume"),
                 field<&InstanceStatus::log_end>("log_end"),
                 field<&InstanceStatus::log_timeline>("log_timeline"),
                 field<&InstanceStatus::is_replacing>("is_replacing")},
      .rules = {}};
}

base::Result<InstanceStatus> decode_instance_status(std::string_view body) {
  const auto document = json::parse(body);
  if (!document) return document.error().with_context("Could not read the status of a PostgreSQL instance");
  auto out = json::decode<InstanceStatus>(*document);
  if (!out) return out.error().with_context("Could not read the status of a PostgreSQL instance");
  return out;
}

}  // namespace cadence::postgres
