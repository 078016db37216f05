// What the server beside us is told to do: be promoted, write a checkpoint, have the roles that the Secrets name.
#include "agent/postgres/server/children.hpp"
#include "agent/postgres/server/probe.hpp"
#include "agent/postgres/server/roles.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr const char* kRolesSettings =
    "-c synchronous_commit=local -c default_transaction_read_only=off -c statement_timeout=0 -c lock_timeout=0";
constexpr std::chrono::minutes kCheckpointBound{10};

}  // namespace

base::Result<void> Probe::promote(const std::function<bool()>& may) {
  const auto open = connection();
  if (!open) return open.error();
  if (!may()) return base::Error{base::ErrorKind::Conflict, "it may not be promoted any more"};
  const auto asked = (*open)->query("SELECT pg_promote(false)");
  if (!asked) return asked.error();
  return {};
}

base::Result<bool> Probe::is_promoted() {
  const auto open = connection();
  if (!open) return open.error();
  const auto rows = (*open)->query("SELECT pg_is_in_recovery()");
  if (!rows) return rows.error();
  return rows->size() == 1 && (*rows)[0][0] == "f";
}

void Probe::end_sessions() {
  const auto open = connection();
  if (!open) return;
  static_cast<void>(
      (*open)->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = "
                     "'client backend' AND pid <> pg_backend_pid()"));
}

std::optional<rules::Lsn> Probe::settled_position() {
  const auto open = connection();
  if (!open) return std::nullopt;
  const auto position = (*open)->query("SELECT pg_sleep(0.1), pg_current_wal_lsn()");
  return position && !position->empty() ? rules::parse_lsn((*position)[0][1].value_or("")).value_or(0) : ~rules::Lsn{0};
}

void Probe::checkpoint(std::chrono::milliseconds at_most) {
  if (auto opened = rules::Connection::open(
          {.socket_directory = options_.run_directory, .port = options_.port, .timeout = at_most})) {
    static_cast<void>(opened->query("CHECKPOINT"));
  }
}

void Probe::begin_checkpoint() {
  has_checkpoint_ = false;
  checkpointer_ = std::jthread([this] {
    auto opened = rules::Connection::open(
        {.socket_directory = options_.run_directory, .port = options_.port, .timeout = kCheckpointBound});
    has_checkpoint_ = opened && opened->query("CHECKPOINT").is_ok();
    Children::wake();
  });
}

base::Result<std::string> Probe::bring_roles(const Passwords& passwords, std::chrono::milliseconds bound) {
  auto opened = rules::Connection::open({.socket_directory = options_.run_directory,
                                         .port = options_.port,
                                         .timeout = bound,
                                         .settings = kRolesSettings});
  if (!opened) return opened.error();
  return ensure_roles(*opened, passwords);
}

base::Result<std::string> Probe::mark_of_roles(const rules::Logins& logins) {
  const auto open = connection();
  if (!open) return open.error();
  return postgres::mark_of_roles(**open, logins);
}

}  // namespace cadence::agent::postgres
