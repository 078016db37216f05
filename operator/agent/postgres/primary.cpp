#include <signal.h>

#include "agent/postgres/agent.hpp"
#include "agent/postgres/roles.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kSlotInterval{10};
constexpr std::chrono::seconds kRolesInterval{2};
// Of each statement: nobody notices meanwhile that the server has ended. Making the database copies one.
constexpr std::chrono::seconds kSetUpBound{5}, kMendBound{2};
constexpr const char* kRolesSettings = "-c synchronous_commit=local -c default_transaction_read_only=off";
constexpr std::chrono::seconds kStorageBound{10};
// Three that hang and their pauses: a machine that is merely busy lets one of them through.
constexpr std::chrono::seconds kConnectBound{35};
constexpr std::chrono::seconds kAskAgain{3};
constexpr std::chrono::seconds kConfirmBound{1};
constexpr std::chrono::minutes kCheckpointBound{10};
constexpr std::int64_t kSwitchoverLag = 16 * 1024 * 1024;

rules::Lsn lsn_of(const std::string& text) { return rules::parse_lsn(text).value_or(0); }

}  // namespace

std::optional<Agent::Ending> Agent::reign(const rules::LeaseView& view) {
  if (keeper_.is_lost()) {
    base::log_error("Stopping the server at once: the Lease names another instance",
                    {{"lease", options_.lease}, {"holder", view.holder}});
    show("Stopping", "the Lease names " + (view.holder.empty() ? "nobody" : view.holder));
    stop_server(SIGQUIT);
    return Ending::Again;
  }
  const bool is_up = report_.is_accepting && report_.status.role == "primary";
  if (is_up && !std::exchange(is_storage_watched_, true)) {
    storage_probe_.start();
    connect_probe_.start();
  }
  // Until the server is up its recovery may take long: whoever has nobody to hand over to waits for it.
  const bool is_due_to_write = is_storage_watched_ || !view.synchronous.names.empty();
  if (storage_probe_.silence() > kStorageBound && report_.status.role == "primary" && is_due_to_write) {
    base::log_error("Stopping the server: its disk takes no writes",
                    {{"seconds", std::to_string(storage_probe_.silence().count() / 1000)}});
    return leave(SIGKILL, {"the disk of " + options_.instance + " took no writes", {}, ""});
  }
  if (const auto door = connect_probe_.finding(); door.silence > kConnectBound && !door.is_crowded) {
    base::log_error("Stopping the server: nobody can connect any more", {{"error", door.problem}});
    return leave(SIGKILL, {"nobody could connect to " + options_.instance + " any more", {}, ""});
  }
  if (!is_up) return std::nullopt;
  note_reign();
  if (!set_up_roles()) return std::nullopt;
  tend_identity(view);
  tend_synchronous(view);
  tend_measures(view);
  if (is_due(tended_slots_, kSlotInterval)) {
    if (const auto done = probe_.tend_slots(others(), true, Clock::now()); !done)
      base::log_warning("Could not look after the slots", {{"error", done.error().message}});
    if (auto oldest = probe_.oldest_lsn()) report_.status.oldest_lsn = std::move(*oldest);
  }
  return hand_over(view);
}

// Without it our vote counts for nothing should a successor be lost before we were compared with it: no reason to stop
// for.
void Agent::note_reign() {
  if (is_reign_noted_ || report_.status.timeline == 0) return;
  const auto noted = volume_.note_reign(report_.status.timeline);
  is_reign_noted_ = noted.is_ok();
  if (!noted) base::log_warning("Could not note this reign", {{"error", noted.error().message}});
}

base::Result<void> Agent::bring_roles(std::chrono::milliseconds bound) {
  auto connection = rules::Connection::open({.socket_directory = options_.run_directory,
                                             .port = options_.port,
                                             .timeout = bound,
                                             .settings = kRolesSettings});
  auto gone =
      connection ? ensure_roles(*connection, files_.passwords()) : base::Result<std::string>(connection.error());
  if (!gone) return gone.error();
  if (*gone != gone_ && !gone->empty())
    base::log_error("The application's database is not as it was made", {{"why", *gone}});
  gone_ = std::move(*gone);
  return {};
}

bool Agent::set_up_roles() {
  if (report_.is_set_up && known_passwords_ == files_.passwords()) return mend_roles();
  if (const auto done = bring_roles(kSetUpBound); !done) {
    show(report_.status.state, done.error().message);
    return false;
  }
  known_passwords_ = files_.passwords();
  report_.status.roles_hash = rules::hash_of(known_passwords_.logins);
  report_.is_set_up = true;
  return true;
}

// Somebody may take a role's right to log in, or its password, by hand. What does not come back is said, and all else
// goes on.
bool Agent::mend_roles() {
  if (!is_due(tended_roles_, kRolesInterval)) return true;
  const auto connection = probe_.connection();
  if (!connection) return true;
  const auto mark = mark_of_roles(**connection, known_passwords_.logins);
  if (!mark || *mark == known_roles_) return true;
  if (const auto done = bring_roles(kMendBound); !done) {
    base::log_warning("Could not bring the roles to their Secrets", {{"error", done.error().message}});
    return true;
  }
  const auto now = mark_of_roles(**connection, known_passwords_.logins);
  known_roles_ = now ? *now : "";
  return true;
}

// Only when there is something to copy may others copy, and only after the first checkpoint of a timeline may others
// rewind to it.
void Agent::tend_identity(const rules::LeaseView& view) {
  if (!is_checkpointed_) {
    is_checkpointed_ = true;
    has_checkpoint_ = false;
    checkpointer_ = std::jthread([this] {
      auto connection = rules::Connection::open(
          {.socket_directory = options_.run_directory, .port = options_.port, .timeout = kCheckpointBound});
      has_checkpoint_ = connection && connection->query("CHECKPOINT").is_ok();
      Children::wake();
    });
  }
  const auto& status = report_.status;
  const bool is_known =
      view.system_identifier == status.system_identifier && (view.timeline == status.timeline || !has_checkpoint_);
  if (is_known && !untold_) return;
  const auto said = keeper_.amend([&](json::Value lease) {
    lease = rules::described(std::move(lease), status.system_identifier, has_checkpoint_ ? status.timeline : 0);
    return untold_ ? rules::told(std::move(lease), *untold_) : lease;
  });
  if (said) untold_.reset();
  else base::log_warning("Could not write the database's identity into the Lease", {{"error", said.error().message}});
}

void Agent::tend_synchronous(const rules::LeaseView& view) {
  std::vector<std::string> streaming;
  rules::SynchronousFacts facts{files_.applied(), view.synchronous, applied_at_, {}};
  for (const auto& row : report_.status.replication) {
    if (row.state != "streaming") continue;
    streaming.push_back(row.name);
    facts.flushed[row.name] = lsn_of(row.flush_lsn);
  }
  const auto step = rules::next_step(facts, rules::wanted_set(files_.synchronous(), others(), streaming));
  if (step.publish) {
    const auto said =
        keeper_.amend([&](json::Value lease) { return rules::published(std::move(lease), *step.publish); });
    if (said) base::log_info("Published the synchronous set", {{"set", rules::to_text(*step.publish)}});
    else
      base::log_warning("Could not publish the synchronous set",
                        {{"set", rules::to_text(*step.publish)}, {"error", said.error().message}});
  }
  if (!step.apply) return;
  files_.apply_synchronous(*step.apply);
  reload();
  // Commits that wait under the old set are over when every backend has the new one; what they wrote lies before this
  // position.
  const auto names = rules::render_synchronous_standby_names(*step.apply);
  const auto connection = probe_.connection();
  if (!connection) return;
  const auto position = (*connection)->query("SELECT pg_sleep(0.1), pg_current_wal_lsn()");
  applied_at_ = position && !position->empty() ? lsn_of((*position)[0][1].value_or("")) : ~rules::Lsn{0};
  base::log_info("Applied the synchronous set", {{"synchronousStandbyNames", names}});
}

std::optional<Agent::Ending> Agent::hand_over(const rules::LeaseView& view) {
  const auto& target = view.switchover_to;
  if (target.empty() || target == options_.instance) {
    refused_switchover_.clear();
    return std::nullopt;
  }
  std::string objection = target + " does not stream from here";
  for (const auto& row : report_.status.replication) {
    if (row.name != target || row.state != "streaming") continue;
    objection = row.replay_lag_bytes <= kSwitchoverLag
                    ? ""
                    : target + " lags " + std::to_string(row.replay_lag_bytes) + " bytes behind";
  }
  if (view.is_fenced(target)) objection = target + " is fenced";
  // A stream looks well for seconds after its other end has stopped.
  if (objection.empty() && (refused_switchover_.empty() || is_due(asked_target_, kAskAgain))) {
    const auto status = peers_.status(target);
    if (!status) objection = target + " does not answer: " + status.error().message;
    else if (!status->is_streaming) objection = target + " does not say that it streams";
    else if (!probe_.is_confirmed_by(target, kConfirmBound)) objection = target + " does not confirm the log";
  } else if (objection.empty()) {
    return std::nullopt;  // refused a moment ago
  }
  if (!objection.empty()) {
    if (objection != refused_switchover_)
      base::log_warning("Did not switch over", {{"to", target}, {"why", objection}});
    refused_switchover_ = objection;
    return std::nullopt;
  }
  base::log_info("Switching over", {{"to", target}});
  // Most of the shutdown checkpoint's work is done while we still serve.
  if (auto connection = rules::Connection::open(
          {.socket_directory = options_.run_directory, .port = options_.port, .timeout = std::chrono::seconds(30)})) {
    static_cast<void>(connection->query("CHECKPOINT"));
  }
  return leave(SIGINT, {"planned switchover from " + options_.instance + " to " + target, {}, target});
}

}  // namespace cadence::agent::postgres
