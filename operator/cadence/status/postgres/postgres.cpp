#include <algorithm>

#include "base/text.hpp"
#include "cadence/names/names.hpp"
#include "cadence/facts/accounts.hpp"
#include "cadence/facts/primary_loss.hpp"
#include "cadence/facts/recovery.hpp"
#include "cadence/status/postgres/failover_story.hpp"
#include "cadence/status/postgres/postgres.hpp"
#include "postgres/rules/commit_watch.hpp"
#include "postgres/rules/lease_document.hpp"

namespace cadence::status {
namespace {

constexpr const char* kCommitsWait = "CommitsWait";
constexpr const char* kMayBeLost = "acknowledged commits may be lost with the primary";

std::string synchronous_text(const facts::PostgresView& view, const api::Synchronous& wanted) {
  if (wanted.mode == "Off") return std::string("Off: a commit waits for no standby, ") + kMayBeLost;
  if (!view.published)
    return wanted.mode + ": a commit waits for any " + std::to_string(wanted.number) + " of the standbys";
  const auto& set = *view.published;
  const std::string mode(postgres::to_string(set.mode));
  if (set.mode == postgres::SynchronousMode::Off) return wanted.mode + ", not in force yet: " + kMayBeLost;
  if (set.number == 0) return mode + ", degraded to 0: no standby follows, " + kMayBeLost;
  return mode + ": a commit waits for any " + std::to_string(set.number) + " of " + base::join(set.names, ", ");
}

// What the agent does, where that says more than not being ready.
bool is_telling(const std::string& state) {
  for (const char* known : {"Disarmed", "Promoting", "Stopping", "Rewinding", "Recloning"}) {
    if (state == known) return true;
  }
  return false;
}

std::string state_of(const facts::PostgresInstance& instance) {
  if (instance.is_fenced) return "Fenced";
  if (!instance.exists()) return "Missing";
  if (instance.is_ready()) return "Ready";
  return instance.report != nullptr && is_telling(instance.report->state) ? instance.report->state : "NotReady";
}

api::PostgresInstanceStatus instance_status(const facts::PostgresView& view, const facts::PostgresInstance& instance) {
  api::PostgresInstanceStatus out;
  out.name = instance.name;
  out.state = state_of(instance);
  out.role = !instance.exists() || !view.is_initialised ? "starting"
             : instance.name == view.primary            ? "primary"
                                                        : "standby";
  if (instance.pod) out.node = instance.pod->spec.node_name;
  if (instance.report == nullptr) return out;
  out.lsn = instance.report->lsn;
  const auto* primary = view.primary_instance();
  if (instance.name == view.primary || primary == nullptr || primary->report == nullptr) return out;
  if (const auto lag = facts::lag_of(*primary->report, *instance.report)) out.lag = *lag;
  return out;
}

// What an agent has to say that its instance's state does not: what it refuses, and what it waits for.
bool has_words(const postgres::InstanceStatus& report) {
  return !report.message.empty() && report.message != "starting";
}

// Why those do not run that would have to.
std::string words_of(const facts::PostgresView& view, const std::vector<std::string>& names) {
  std::string out;
  for (const auto& instance : view.instances) {
    const bool is_meant = std::find(names.begin(), names.end(), instance.name) != names.end();
    const bool is_starting = instance.report != nullptr && instance.report->state == "Starting";
    if (is_meant && is_starting && has_words(*instance.report))
      out += " " + instance.name + " says: " + instance.report->message + ".";
  }
  return out;
}

// What nobody of ours reads in the Lease; empty: nothing.
std::string unreadable_in_lease(const facts::Observation& observation) {
  if (!observation.postgres_lease) return {};
  const auto unreadable = postgres::unreadable_in(kube::core::to_document(*observation.postgres_lease));
  if (unreadable.empty()) return {};
  return " In Lease " + observation.postgres_lease->metadata.name + " " + unreadable +
         ": it counts as not there. Remove what stays, with kubectl annotate lease.";
}

// Nobody may write: what is done about it, and what that waits for.
Judgement judge_failover(const facts::Observation& observation, const facts::PostgresView& view,
                         const std::string& what) {
  const auto electorate = facts::electorate_of(view);
  const auto last =
      view.primary.empty() ? facts::lease_annotation(observation, postgres::kLastHolderAnnotation) : view.primary;
  const int needed = view.published ? facts::votes_needed(*view.published) : 0;
  if (needed == 0) {
    return {false, "FailoverBlocked",
            what + " No standby is known to have every acknowledged commit, so none is elected: bring " + last +
                " back." + words_of(view, {last}) + unreadable_in_lease(observation)};
  }
  const auto rule = "an election needs " + std::to_string(needed) + " of " + base::join(view.published->names, ", ");
  if (static_cast<int>(electorate.running.size()) >= needed) {
    for (const auto& instance : view.instances) {
      if (instance.report != nullptr && !instance.report->blocked.empty())
        return {false, "FailoverBlocked", what + " " + instance.name + " says: " + instance.report->blocked};
    }
    return {false, "FailoverInProgress",
            what + " " + base::join(electorate.running, ", ") + " can elect a new one (" + rule + ")."};
  }
  auto not_running = electorate.missing;
  not_running.push_back(last);
  return {false, "FailoverBlocked",
          what + " It waits: " + rule + ", and these do not run: " + base::join(electorate.missing, ", ") +
              ". Start one of them, or the last primary, " + last + "." + words_of(view, not_running)};
}

// Why nothing is heard of agents that may be well.
std::string refused_agents(const facts::Observation& observation, const facts::PostgresView& view) {
  std::vector<std::string> pods;
  for (const auto* instance : facts::instances_without_account(observation, view)) pods.push_back(instance->name);
  if (pods.empty()) return {};
  const auto* primary = view.primary_instance();
  const bool takes_writes = primary != nullptr && primary->report != nullptr && primary->report->is_writable;
  return "The API server refuses the agents of " + base::join(pods, ", ") + ": their ServiceAccount " +
         names::Names(observation.cluster->metadata.name).postgres() +
         " was deleted since they began. Their pods are replaced one at a time; until then nobody can be elected." +
         (takes_writes ? " " + view.primary + " says that it accepts writes." : "");
}

Judgement judge_without_primary(const facts::Observation& observation, const facts::PostgresView& view) {
  if (const auto refused = refused_agents(observation, view); !refused.empty())
    return {false, "AgentsRefused", refused};
  const names::Names names(observation.cluster->metadata.name);
  if (!view.primary.empty())
    return judge_failover(
        observation, view,
        "Primary " + view.primary + " has not renewed Lease " + names.postgres() + " for its whole duration.");
  const auto last = facts::lease_annotation(observation, postgres::kLastHolderAnnotation);
  if (last.empty())
    return {false, "NoPrimary",
            "Nobody holds Lease " + names.postgres() + ": look at the logs of the PostgreSQL pods."};
  const auto because = facts::lease_annotation(observation, postgres::kReleasedBecauseAnnotation);
  return judge_failover(observation, view,
                        last + " is no longer primary" + (because.empty() ? "" : " (" + because + ")") + ".");
}

// Open for writes is not enough: what counts is whether a commit comes back, and whether it is safe when it does.
Judgement judge_commits(const facts::CommitMeasures& commits, const facts::PostgresView& view) {
  if (commits.unacknowledged.starts_with(postgres::kWaitsForAny)) {
    return {false, kCommitsWait,
            "Primary " + view.primary + " cannot acknowledge a commit now: " + commits.unacknowledged + "."};
  }
  if (!commits.unacknowledged.empty())
    return {false, "NothingStored",
            "The application can store nothing on primary " + view.primary + " now: " + commits.unacknowledged + "."};
  if (commits.unprotected.empty()) return {true, "", ""};
  return {false, "CommitsUnprotected",
          "Primary " + view.primary + " acknowledges commits that may be lost: " + commits.unprotected +
              ". Its agent keeps setting this back: find out who changes it."};
}

// How many instances are ready, which are not, and what these say of it.
struct Readiness {
  std::string counts, waiting;
};
std::string explanation_of(const facts::PostgresView& view, const api::PostgresInstanceStatus& instance) {
  if (instance.state == "Fenced") return " (fenced: take it out of spec.postgres.fenced to start it)";
  const auto* seen = view.find(instance.name);
  const bool is_told = seen != nullptr && instance.name != view.primary && seen->report != nullptr;
  return is_told && has_words(*seen->report) ? " (" + seen->report->message + ")" : "";
}

Readiness readiness_of(const facts::PostgresView& view, const api::PostgresStatus& postgres) {
  Readiness out;
  int ready = 0;
  for (const auto& instance : postgres.instances) {
    if (instance.state == "Ready") ++ready;
    else out.waiting += (out.waiting.empty() ? "" : ", ") + instance.name + explanation_of(view, instance);
  }
  out.counts = std::to_string(ready) + " of " + std::to_string(postgres.instances.size()) + " instances are ready";
  return out;
}

// What becomes of commits that wait for standbys: the way out depends on who is missing.
std::string way_out(const facts::Observation& observation, const Readiness& readiness) {
  const auto& spec = observation.cluster->spec.postgres;
  if (spec.synchronous.number >= spec.instances) {
    return " There are not so many standbys: raise spec.postgres.instances, or lower spec.postgres.synchronous.number.";
  }
  if (spec.synchronous.mode != "Required") return {};
  return (readiness.waiting.empty() ? std::string() : " They go on as soon as enough standbys are back.") +
         " With spec.postgres.synchronous.mode Preferred they would go on without a copy.";
}

Judgement judge_primary(const facts::Observation& observation, const facts::PostgresView& view) {
  const auto* primary = view.primary_instance();
  const auto& name = view.primary;
  if (primary == nullptr || !primary->exists())
    return judge_failover(observation, view, "Primary " + name + " has no pod.");
  const bool is_promoting = primary->report != nullptr && primary->report->state == "Promoting";
  if (is_promoting) return {false, "FailoverInProgress", name + " is being promoted."};
  // no answer: the Lease, which it renews, and the kubelet tell
  const bool is_writable = primary->report == nullptr || primary->report->is_writable;
  if (primary->is_ready() && is_writable) return judge_commits(facts::commits_of(observation, *primary), view);
  if (const auto proof = facts::proof_of_death(observation, view); !proof.empty())
    return judge_failover(observation, view, proof + ".");
  if (primary->report == nullptr)
    return {false, "PrimaryNotReady",
            "Whether primary " + name +
                " accepts writes is not known: its pod is not ready, and its agent does not answer the operator."};
  if (is_writable)
    return {false, "PrimaryNotReady",
            "Primary " + name + " says that it is open for writes, but the kubelet does not call its pod ready yet."};
  const auto word = primary->report->message.empty() ? std::string() : " (" + primary->report->message + ")";
  return {false, "PrimaryNotReady", "Primary " + name + " does not accept writes now" + word + "."};
}

// What somebody changed by hand that is ours, and the agents changed back.
std::string what_was_mended(const facts::Observation& observation, const facts::PostgresView& view) {
  const auto settings = facts::commits_of(observation, *view.primary_instance()).settings;
  auto out = settings.empty() ? std::string() : " Settings that the operator owns: " + settings + ".";
  for (const auto& instance : view.instances) {
    const bool is_standby = instance.name != view.primary && instance.report != nullptr;
    if (is_standby && !instance.report->overridden.empty())
      out += " On " + instance.name + ": " + instance.report->overridden + ".";
  }
  return out;
}

// What others left that costs something, and only people can take away.
std::string what_others_left(const facts::Observation& observation, const facts::PostgresView& view) {
  auto out = unreadable_in_lease(observation);
  for (const auto& instance : view.instances) {
    if (instance.report == nullptr || instance.report->strange_slots.empty()) continue;
    out += " On " + instance.name + " " + instance.report->strange_slots +
           ": let the slot's reader catch up, or drop it with pg_drop_replication_slot.";
  }
  return out;
}

// Nothing of the database is made before it is gone: what it tells is of volumes that may be gone.
Judgement judge_left_over(const kube::types::Lease& lease) {
  const auto begin = "Lease " + lease.metadata.name + " is of an earlier life of this cluster";
  if (lease.metadata.deletion_timestamp.empty() || lease.metadata.finalizers.empty())
    return {false, "LeaseLeftOver", begin + " and is removed first."};
  return {false, "LeaseLeftOver",
          begin + " and was deleted; the database waits until it is gone, and finalizer " +
              base::join(lease.metadata.finalizers, ", ") + " holds it: whoever set it has to take it off."};
}

}  // namespace

api::PostgresStatus postgres_status(const facts::Facts& facts) {
  const auto& observation = facts.seen;
  const auto& view = facts.postgres;
  api::PostgresStatus out;
  out.primary = view.primary;
  out.synchronous = synchronous_text(view, observation.cluster->spec.postgres.synchronous);
  if (const auto& lease = observation.postgres_lease) {
    if (lease->spec.lease_transitions) out.term = *lease->spec.lease_transitions;
    if (const auto timeline = base::parse_integer(facts::lease_annotation(observation, postgres::kTimelineAnnotation)))
      out.timeline = *timeline;
  }
  for (const auto& instance : view.instances) out.instances.push_back(instance_status(view, instance));
  out.last_failover = observation.cluster->status.postgres.last_failover;
  if (const auto story = read_failover(facts::lease_annotation(observation, postgres::kFailoverAnnotation)))
    out.last_failover = last_failover_of(*story);
  return out;
}

// What becomes of the instance that makes the database.
std::string to_sentence_on_first(const facts::PostgresView& view, const std::string& name) {
  const auto* first = view.find(name);
  if (first == nullptr || !first->exists()) return "There is no database yet, and no Pod " + name + " that creates it.";
  if (first->pod->status.phase == "Pending") return "Pod " + name + " has not started: it will create the database.";
  return "Pod " + name + " is creating the database.";
}

Judgement judge_postgres(const facts::Facts& facts, const plan::Plan& plan, const api::PostgresStatus& postgres) {
  const auto& observation = facts.seen;
  const names::Names names(observation.cluster->metadata.name);
  const auto& view = facts.postgres;
  if (const auto unread = observation.unread.find({"Lease", names.postgres()}); unread != observation.unread.end())
    return {false, "LeaseUnreadable",
            "Who is primary is not known: Lease " + names.postgres() + " could not be read" +
                (unread->second.empty() ? "." : ": " + unread->second + ".")};
  if (!plan.postgres_recovery.empty()) return {false, "Recovering", plan.postgres_recovery};
  if (facts::is_left_over(observation, view)) return judge_left_over(*observation.postgres_lease);
  if (facts::is_made_again(observation, view))
    return {false, "NoPrimary", "Lease " + names.postgres() + " was deleted; the primary's agent makes it again."};
  if (!view.is_initialised) return {false, "Initialising", to_sentence_on_first(view, names.postgres_instance(1))};
  if (view.primary.empty() || view.is_silent) return judge_without_primary(observation, view);
  const auto readiness = readiness_of(view, postgres);
  const auto waiting = readiness.waiting.empty() ? "" : ", waiting for " + readiness.waiting;
  if (auto judgement = judge_primary(observation, view); !judgement.is_ready) {
    if (judgement.reason == kCommitsWait)
      judgement.message += " " + readiness.counts + waiting + "." + way_out(observation, readiness);
    return judgement;
  }
  const auto told = what_was_mended(observation, view) + what_others_left(observation, view);
  if (!waiting.empty())
    return {false, "StandbysNotReady",
            "Primary " + postgres.primary + " accepts writes; " + readiness.counts + waiting + "." + told};
  return {true, "Available",
          "Primary " + postgres.primary + " accepts writes; " + readiness.counts + ". " + postgres.synchronous + "." +
              told};
}

}  // namespace cadence::status
