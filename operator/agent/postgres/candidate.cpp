#include <signal.h>

#include <utility>

#include "agent/postgres/agent.hpp"
#include "agent/postgres/timelines.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "net/reach.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::milliseconds kReachInterval{250};
constexpr std::chrono::milliseconds kReachBound{300};
constexpr int kRefusals = 2;                          // in a row: a pod that just starts refuses once
constexpr std::chrono::milliseconds kNextRound{300};  // somebody better, or somebody missing, gets so much time
constexpr std::chrono::seconds kReceiverBound{2};
constexpr std::chrono::seconds kReceiverKillBound{1};
constexpr std::chrono::seconds kPromotionBound{60};
constexpr std::chrono::seconds kReaderPatience{2};  // of a promotion with sessions that read here
constexpr std::chrono::seconds kReadBound{2};       // for the log that lies here; who asks gives up soon after

std::int64_t milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

rules::SuspicionFacts Agent::suspicion_facts(const rules::LeaseView& view) {
  if (is_streaming_ || view.holder.empty() || view.holder == options_.instance) {
    reach_ = rules::Reach::Unknown;
    refusals_ = 0;
  } else if (is_due(reached_, kReachInterval)) {
    const auto target = addresses_.api_of(view.holder);
    const auto reached = net::reach(target.host_addr, target.port, kReachBound);
    refusals_ = reached == net::Reached::Refused ? refusals_ + 1 : 0;
    reach_ = reached == net::Reached::Open     ? rules::Reach::Open
             : refusals_ >= kRefusals          ? rules::Reach::Refused
             : reached == net::Reached::Silent ? rules::Reach::Silent
                                               : rules::Reach::Unknown;
    if (target.host_addr.empty()) reach_ = rules::Reach::Unknown;
  }
  return {options_.instance, view, keeper_.silence(), is_streaming_, commitment_.has_promised(view), reach_};
}

std::optional<Agent::Ending> Agent::consider_election(const rules::LeaseView& view) {
  // Elected, and interrupted before the promotion: the claim still stands.
  if (view.holder == options_.instance && report_.is_accepting && !is_streaming_)
    return take_over(view, "had been elected before it was restarted");
  if (view.recovers_from(options_.instance) && report_.is_accepting)
    return take_over(view, "of all volumes its own has the newest data");
  const auto suspicion = rules::suspect(suspicion_facts(view), options_.timing);
  if (suspicion == rules::Suspicion::None || !report_.is_accepting) {
    if (campaign_) {
      base::log_info("Ended the election", {{"holder", view.holder}});
      report_.status.blocked.clear();
    }
    campaign_.reset();
    return std::nullopt;
  }
  if (!campaign_) {
    campaign_.emplace();
    base::log_warning("Began an election", {{"why", std::string(to_string(suspicion))},
                                            {"lastPrimary", view.holder.empty() ? view.last_holder : view.holder}});
  }
  campaign_->suspicion = suspicion;
  return campaign(view);
}

std::optional<Agent::Ending> Agent::campaign(const rules::LeaseView& view) {
  auto& c = *campaign_;
  // Whoever did not answer may have been asked at the address of a pod that is gone.
  if (has_moved_.exchange(false) && c.round && !c.round->is_over()) c.round.reset();
  if (c.record != view.resource_version) {
    c.record = view.resource_version;
    c.own.reset();
    c.round.reset();
  }
  const auto since = keeper_.since_handover();
  if (view.holder.empty() && view.shutdown) {
    // The old primary has stopped cleanly: nothing of it can be acknowledged any more, so nobody has to let go of it.
    const auto own = probe_.log_end();
    const auto decision = rules::elect(
        {options_.instance, view, own ? std::vector{*own} : std::vector<rules::MemberReport>{}, false, since});
    if (decision.kind == rules::ElectionDecision::Kind::Claim) return take_over(view, decision.why);
    if (since < rules::kHandoverPatience) return std::nullopt;
  }
  if (!c.own || !c.own->is_disarmed) {
    const auto start = Clock::now();
    c.own = disarm(c.record);
    c.phases["disarm"] = milliseconds_since(start);
    if (!c.own->is_disarmed) {
      report_.status.blocked = c.own->refusal;
      return std::nullopt;
    }
  }
  std::vector<std::string> peers;
  for (const auto& name : view.synchronous.names) {
    if (name != options_.instance) peers.push_back(name);
  }
  if (!c.round && !peers.empty()) {
    if (Clock::now() < c.next_round) return std::nullopt;
    c.round = std::make_unique<ElectionRound>(peers_, peers, c.record, [] { Children::wake(); });
  }
  rules::ElectionView election{options_.instance, view, {*c.own}, !c.round || c.round->is_over(), since};
  if (c.round) {
    for (auto& report : c.round->reports()) election.reports.push_back(std::move(report));
  }
  const auto decision = rules::elect(election);
  using Kind = rules::ElectionDecision::Kind;
  if (decision.kind == Kind::Claim) {
    c.phases["collect"] = milliseconds_since(c.since);
    return take_over(view, decision.why);
  }
  if (!election.is_round_over) return std::nullopt;
  if (decision.why != report_.status.blocked) base::log_warning("Did not claim the Lease", {{"why", decision.why}});
  report_.status.blocked = decision.why;
  for (const auto& name : decision.missing) {
    if (std::find(c.waited_for.begin(), c.waited_for.end(), name) == c.waited_for.end() && c.waited_for.size() < 8)
      c.waited_for.push_back(name);
  }
  c.round.reset();
  c.next_round = Clock::now() + kNextRound;
  return std::nullopt;
}

// The receiver is gone, so nothing more can be acknowledged to the old primary; only then is the log's end worth
// telling.
rules::MemberReport Agent::disarm(const std::string& record) {
  rules::MemberReport out;
  out.name = options_.instance;
  const auto view = keeper_.view();
  if (!view || postmaster_ == 0 || is_primary_ || is_promoting_) {
    out.refusal = postmaster_ != 0 ? "is primary" : "its server does not run: " + report_.status.message;
    return out;
  }
  if (const auto seen = probe_.reception()) is_streaming_ = seen->receiver != 0;
  out.refusal = commitment_.disarm({options_.instance, *view, keeper_.silence(), is_streaming_, false, reach_}, record);
  if (!out.refusal.empty()) return out;
  if (!followed_.empty()) {
    follow("");
    reload();
  }
  if (!stop_wal_receiver()) {
    out.refusal = "its WAL receiver did not stop";
    return out;
  }
  const auto end = whole_log_end();
  if (!end) {
    out.refusal = end.error().message;
    return out;
  }
  out = *end;
  out.is_disarmed = true;
  // While an election is blocked this is asked again and again.
  if (std::exchange(told_end_, out.end()) != out.end())
    base::log_info("Let go of the primary",
                   {{"timeline", std::to_string(out.timeline)}, {"logEnd", rules::format_lsn(out.end())}});
  return out;
}

// After a restart only what was replayed is known: the log that lies here is read to its end first. No progress is no
// proof of that: a reader may hold it up, and the end that is told decides who is elected.
base::Result<rules::MemberReport> Agent::whole_log_end() {
  const auto start = Clock::now();
  while (true) {
    const auto is_read = probe_.is_log_read();
    auto end = probe_.log_end();
    if (!end)
      return end.error().kind == base::ErrorKind::Conflict ? end.error()
                                                           : end.error().with_context("its server does not answer");
    if (end->received != 0 || (is_read && *is_read)) return end;
    if (Clock::now() - start > kReadBound || children_.is_stop_requested())
      return base::Error{base::ErrorKind::Transient, "it still reads the log that lies on its volume"};
    children_.wait(std::chrono::milliseconds(50));
    refresh_report();  // we live; no answers to peers from within one
  }
}

bool Agent::stop_wal_receiver() {
  const auto start = Clock::now();
  bool is_killed = false;
  while (Clock::now() - start < kReceiverBound + kReceiverKillBound) {
    const auto receiver = probe_.wal_receiver();
    if (receiver && *receiver == 0) return true;
    if (receiver && !is_killed && Clock::now() - start > kReceiverBound) {
      ::kill(*receiver, SIGTERM);
      is_killed = true;
    }
    children_.wait(std::chrono::milliseconds(10));
  }
  return false;
}

void Agent::answer_calls() {
  while (auto call = calls_.take()) call->respond(encode_report(disarm(call->record)));
}

std::optional<Agent::Ending> Agent::take_over(const rules::LeaseView& view, const std::string& why) {
  const auto start = Clock::now();
  auto set = files_.applied();
  if (set.mode == rules::SynchronousMode::Off)
    set = rules::wanted_set(files_.synchronous(), others(), view.synchronous.names);
  const auto own = probe_.log_end();
  const auto newest = std::max(own ? own->timeline : 0, newest_timeline(options_.data_directory));
  if (const auto claimed =
          own ? keeper_.claim(view, rules::Promotion{std::move(set), newest, {own->end(), own->timeline}})
              : base::Result<void>(own.error());
      !claimed) {
    base::log_info("Could not claim the Lease", {{"why", why}, {"error", claimed.error().message}});
    children_.wait(std::chrono::milliseconds(50));
    return std::nullopt;
  }
  auto campaign = campaign_ ? std::move(*campaign_) : Campaign{};
  campaign_.reset();
  base::log_info("Claimed the Lease", {{"why", why}, {"term", std::to_string(keeper_.view()->transitions)}});
  campaign.phases["claim"] = milliseconds_since(start);
  keeper_.point_endpoints_here();
  const auto promoting = Clock::now();
  if (!promote()) {
    base::log_error("Could not promote: gave the Lease back");
    return leave(SIGINT, {options_.instance + " could not be promoted", {}, ""});
  }
  campaign.phases["promote"] = milliseconds_since(promoting);
  campaign.phases["total"] = milliseconds_since(campaign.since);
  const auto& from = view.holder.empty() ? view.last_holder : view.holder;
  auto reason = view.released_because.empty() ? std::string(to_string(campaign.suspicion)) : view.released_because;
  untold_ = rules::Failover{base::format_rfc3339(base::system_clock().wall()),
                            from,
                            options_.instance,
                            std::move(reason),
                            keeper_.view()->transitions,
                            campaign.phases["total"],
                            campaign.phases,
                            campaign.waited_for};
  base::log_info("Promoted",
                 {{"from", from}, {"reason", untold_->reason}, {"milliseconds", std::to_string(untold_->duration_ms)}});
  return std::nullopt;
}

bool Agent::promote() {
  show("Promoting", "becoming primary");
  watchdog_.arm(postmaster_);
  is_promoting_ = true;
  is_checkpointed_ = false;
  follow("");
  files_.act_as_primary(true);
  if (const auto passed = pass_over_timelines(options_.data_directory, keeper_.view()->reserved_timeline); !passed) {
    base::log_error("Could not keep to the timeline's number", {{"error", passed.error().message}});
    is_promoting_ = false;
    return false;
  }
  const auto begin = probe_.connection();
  // We may have stood still since the claim.
  const bool is_asked =
      begin && keeper_.is_holding() && watchdog_.may_write() && (*begin)->query("SELECT pg_promote(false)").is_ok();
  // A primary only when it was seen to be one: what a server leaves behind that ends before is a standby's.
  is_primary_ = is_asked && await_promotion();
  is_promoting_ = false;
  return is_primary_;
}

bool Agent::await_promotion() {
  const auto asked = Clock::now();
  const auto deadline = asked + kPromotionBound;
  auto ended_sessions = asked;
  while (Clock::now() < deadline && children_.is_running(postmaster_) && !keeper_.is_lost() &&
         !children_.is_stop_requested()) {
    const auto connection = probe_.connection();
    const auto rows = connection ? (*connection)->query("SELECT pg_is_in_recovery()")
                                 : base::Result<std::vector<rules::Row>>(connection.error());
    if (rows && rows->size() == 1 && (*rows)[0][0] == "f") {
      static_cast<void>(commitment_.free_by(*keeper_.view()));
      storage_probe_.start();
      looked_ = {};
      return true;
    }
    if (!rows) probe_.forget();
    // The log must be replayed to its end first, and max_standby_streaming_delay may let a reader hold that up for
    // ever.
    if (rows && Clock::now() - asked > kReaderPatience && is_due(ended_sessions, kReaderPatience)) {
      static_cast<void>((*connection)
                            ->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = "
                                    "'client backend' AND pid <> pg_backend_pid()"));
      base::log_warning("Ended the sessions on this standby: one of them may hold up the promotion", {});
    }
    children_.wait(std::chrono::milliseconds(10));
    tick();
  }
  return false;
}

}  // namespace cadence::agent::postgres
