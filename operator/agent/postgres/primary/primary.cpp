#include "agent/postgres/primary/primary.hpp"

#include <signal.h>

#include <utility>

#include "base/log.hpp"
#include "postgres/rules/lsn.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kSlotInterval{10};
constexpr std::chrono::seconds kRolesInterval{2};
// Of each statement: nobody notices meanwhile that the server has ended. Making the database copies one.
constexpr std::chrono::seconds kSetUpBound{5}, kMendBound{2};
constexpr std::chrono::seconds kStorageBound{10};
// Three that hang and their pauses: a machine that is merely busy lets one of them through.
constexpr std::chrono::seconds kConnectBound{35};
constexpr std::chrono::seconds kAskAgain{3};
constexpr std::chrono::seconds kConfirmBound{1};
constexpr std::chrono::seconds kLastCheckpointBound{30};
constexpr std::int64_t kSwitchoverLag = 16 * 1024 * 1024;

rules::Lsn lsn_of(const std::string& text) { return rules::parse_lsn(text).value_or(0); }

// Every connection is taken: another server would soon be as full.
bool is_crowded(const Finding& door) { return door.problem.find("53300") != std::string::npos; }

}  // namespace

Primary::Primary(const World& world, Situation& situation, Display& display, Server& server, Commits& commits)
    : world_(world), situation_(situation), display_(display), server_(server), commits_(commits) {}

std::optional<Ending> Primary::reign(const rules::LeaseView& view) {
  if (world_.lease.is_lost()) {
    base::log_error("Stopping the server at once: the Lease names another instance",
                    {{"lease", world_.options.lease}, {"holder", view.holder}});
    display_.show("Stopping", "the Lease names " + (view.holder.empty() ? "nobody" : view.holder));
    server_.stop(SIGQUIT);
    return Ending::Again;
  }
  const bool is_up = situation_.report.is_accepting && situation_.report.status.role == "primary";
  if (is_up && !std::exchange(situation_.is_storage_watched, true)) {
    world_.storage.start();
    world_.door.start();
  }
  // Until the server is up its recovery may take long: whoever has nobody to hand over to waits for it.
  const bool is_due_to_write = situation_.is_storage_watched || !view.synchronous.names.empty();
  if (world_.storage.finding().silence > kStorageBound && situation_.report.status.role == "primary" &&
      is_due_to_write) {
    base::log_error("Stopping the server: its disk takes no writes",
                    {{"seconds", std::to_string(world_.storage.finding().silence.count() / 1000)}});
    return server_.leave(SIGKILL, {"the disk of " + world_.options.instance + " took no writes", {}, ""});
  }
  if (const auto door = world_.door.finding(); door.silence > kConnectBound && !is_crowded(door)) {
    base::log_error("Stopping the server: nobody can connect any more", {{"error", door.problem}});
    return server_.leave(SIGKILL, {"nobody could connect to " + world_.options.instance + " any more", {}, ""});
  }
  if (!is_up) return std::nullopt;
  note_reign();
  if (!set_up_roles()) return std::nullopt;
  tend_identity(view);
  tend_synchronous(view);
  commits_.tend_measures(view);
  if (world_.is_due(situation_.tended_slots, kSlotInterval)) {
    if (const auto done = world_.server.tend_slots(world_.others(), true, world_.now()); !done)
      base::log_warning("Could not look after the slots", {{"error", done.error().message}});
    if (auto strange = world_.server.strange_slots()) situation_.report.status.strange_slots = std::move(*strange);
    if (auto oldest = world_.server.oldest_lsn()) situation_.report.status.oldest_lsn = std::move(*oldest);
  }
  return hand_over(view);
}

// Without it our vote counts for nothing should a successor be lost before we were compared with it: no reason to stop
// for.
void Primary::note_reign() {
  if (situation_.is_reign_noted || situation_.report.status.timeline == 0) return;
  const auto noted = world_.volume.note_reign(situation_.report.status.timeline);
  situation_.is_reign_noted = noted.is_ok();
  if (!noted) base::log_warning("Could not note this reign", {{"error", noted.error().message}});
}

base::Result<void> Primary::bring_roles(std::chrono::milliseconds bound) {
  auto gone = world_.server.bring_roles(world_.files.passwords(), bound);
  if (!gone) return gone.error();
  if (*gone != situation_.gone && !gone->empty())
    base::log_error("The application's database is not as it was made", {{"why", *gone}});
  situation_.gone = std::move(*gone);
  return {};
}

bool Primary::set_up_roles() {
  if (situation_.report.is_set_up && situation_.known_passwords == world_.files.passwords()) return mend_roles();
  if (const auto done = bring_roles(kSetUpBound); !done) {
    display_.show(situation_.report.status.state, done.error().message);
    return false;
  }
  situation_.known_passwords = world_.files.passwords();
  situation_.report.status.roles_hash = rules::hash_of(situation_.known_passwords.logins);
  situation_.report.is_set_up = true;
  return true;
}

// Somebody may take a role's right to log in, or its password, by hand. What does not come back is said, and all else
// goes on.
bool Primary::mend_roles() {
  if (!world_.is_due(tended_roles_, kRolesInterval)) return true;
  const auto mark = world_.server.mark_of_roles(situation_.known_passwords.logins);
  if (!mark || *mark == known_roles_) return true;
  if (const auto done = bring_roles(kMendBound); !done) {
    base::log_warning("Could not bring the roles to their Secrets", {{"error", done.error().message}});
    return true;
  }
  const auto now = world_.server.mark_of_roles(situation_.known_passwords.logins);
  known_roles_ = now ? *now : "";
  return true;
}

// Only when there is something to copy may others copy, and only after the first checkpoint of a timeline may others
// rewind to it.
void Primary::tend_identity(const rules::LeaseView& view) {
  if (!situation_.is_checkpointed) {
    situation_.is_checkpointed = true;
    world_.server.begin_checkpoint();
  }
  const auto& status = situation_.report.status;
  const bool has_checkpoint = world_.server.has_checkpoint();
  const bool is_known =
      view.system_identifier == status.system_identifier && (view.timeline == status.timeline || !has_checkpoint);
  if (is_known && !situation_.untold) return;
  const auto said =
      world_.lease.describe(status.system_identifier, has_checkpoint ? status.timeline : 0, situation_.untold);
  if (said) situation_.untold.reset();
  else base::log_warning("Could not write the database's identity into the Lease", {{"error", said.error().message}});
}

void Primary::tend_synchronous(const rules::LeaseView& view) {
  std::vector<std::string> streaming;
  rules::SynchronousFacts facts{world_.files.applied(), view.synchronous, applied_at_, {}};
  for (const auto& row : situation_.report.status.replication) {
    if (row.state != "streaming") continue;
    streaming.push_back(row.name);
    facts.flushed[row.name] = lsn_of(row.flush_lsn);
  }
  const auto step = rules::next_step(facts, rules::wanted_set(world_.files.synchronous(), world_.others(), streaming));
  if (step.publish) {
    const auto said = world_.lease.publish(*step.publish);
    if (said) base::log_info("Published the synchronous set", {{"set", rules::to_text(*step.publish)}});
    else
      base::log_warning("Could not publish the synchronous set",
                        {{"set", rules::to_text(*step.publish)}, {"error", said.error().message}});
  }
  if (!step.apply) return;
  world_.files.apply_synchronous(*step.apply);
  server_.reload();
  // Commits that wait under the old set are over when every backend has the new one; what they wrote lies before this
  // position.
  const auto names = rules::render_synchronous_standby_names(*step.apply);
  const auto position = world_.server.settled_position();
  if (!position) return;
  applied_at_ = *position;
  base::log_info("Applied the synchronous set", {{"synchronousStandbyNames", names}});
}

std::optional<Ending> Primary::hand_over(const rules::LeaseView& view) {
  const auto& target = view.switchover_to;
  if (target.empty() || target == world_.options.instance) {
    refused_switchover_.clear();
    return std::nullopt;
  }
  std::string objection = target + " does not stream from here";
  for (const auto& row : situation_.report.status.replication) {
    if (row.name != target || row.state != "streaming") continue;
    objection = row.replay_lag_bytes <= kSwitchoverLag
                    ? ""
                    : target + " lags " + std::to_string(row.replay_lag_bytes) + " bytes behind";
  }
  if (view.is_fenced(target)) objection = target + " is fenced";
  // A stream looks well for seconds after its other end has stopped.
  if (objection.empty() && (refused_switchover_.empty() || world_.is_due(asked_target_, kAskAgain))) {
    const auto status = world_.peers.status(target);
    if (!status) objection = target + " does not answer: " + status.error().message;
    else if (!status->is_streaming) objection = target + " does not say that it streams";
    else if (!world_.server.is_confirmed_by(target, kConfirmBound)) objection = target + " does not confirm the log";
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
  world_.server.checkpoint(kLastCheckpointBound);
  return server_.leave(SIGINT, {"planned switchover from " + world_.options.instance + " to " + target, {}, target});
}

}  // namespace cadence::agent::postgres
