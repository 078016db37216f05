#include "agent/postgres/standby/candidate.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::milliseconds kReachInterval{250};
constexpr std::chrono::milliseconds kReachBound{300};
constexpr int kRefusals = 2;                          // in a row: a pod that just starts refuses once
constexpr std::chrono::milliseconds kNextRound{300};  // somebody better, or somebody missing, gets so much time
constexpr std::chrono::seconds kReceiverBound{2};
constexpr std::chrono::seconds kReceiverKillBound{1};
constexpr std::chrono::seconds kReadBound{2};  // for the log that lies here; who asks gives up soon after

}  // namespace

Candidate::Candidate(const World& world, Situation& situation, Display& display, Server& server, Promotion& promotion)
    : world_(world), situation_(situation), display_(display), server_(server), promotion_(promotion) {}

rules::SuspicionFacts Candidate::suspicion_facts(const rules::LeaseView& view) {
  auto& reach = situation_.reach;
  if (situation_.is_streaming || view.holder.empty() || view.holder == world_.options.instance) {
    reach = rules::Reach::Unknown;
    refusals_ = 0;
  } else if (world_.is_due(reached_, kReachInterval)) {
    const auto touch = world_.peers.touch(view.holder, kReachBound);
    refusals_ = touch.reached == net::Reached::Refused ? refusals_ + 1 : 0;
    reach = touch.reached == net::Reached::Open     ? rules::Reach::Open
            : refusals_ >= kRefusals                ? rules::Reach::Refused
            : touch.reached == net::Reached::Silent ? rules::Reach::Silent
                                                    : rules::Reach::Unknown;
    if (!touch.has_address) reach = rules::Reach::Unknown;
  }
  return {world_.options.instance,
          view,
          world_.lease.silence(),
          situation_.is_streaming,
          world_.commitment.has_promised(view),
          reach};
}

std::optional<Ending> Candidate::consider(const rules::LeaseView& view) {
  const auto& report = situation_.report;
  if (view.recovers_from(world_.options.instance) && report.is_accepting)
    return promotion_.take_over(view, "of all volumes its own has the newest data");
  if (view.holder == world_.options.instance && report.is_accepting) {
    if (view.promoting != view.holder) {
      disown(view);
      return std::nullopt;
    }
    // Interrupted before the promotion: the claim still stands.
    if (!situation_.is_streaming) return promotion_.take_over(view, "had been elected before it was restarted");
  }
  const auto suspicion = rules::suspect(suspicion_facts(view), world_.options.timing);
  if (suspicion == rules::Suspicion::None || !report.is_accepting) {
    if (situation_.campaign) {
      base::log_info("Ended the election", {{"holder", view.holder}});
      situation_.report.status.blocked.clear();
    }
    situation_.campaign.reset();
    return std::nullopt;
  }
  if (!situation_.campaign) {
    situation_.campaign.emplace().since = world_.now();
    base::log_warning("Began an election", {{"why", std::string(to_string(suspicion))},
                                            {"lastPrimary", view.holder.empty() ? view.last_holder : view.holder}});
  }
  situation_.campaign->suspicion = suspicion;
  return campaign(view);
}

// A record that an edit or a backup made: nobody voted, and others may have commits that this instance has not. It is
// released as it was judged, so that the standbys elect. Where no quorum keeps an earlier holder from acknowledging,
// only its time does.
void Candidate::disown(const rules::LeaseView& view) {
  if (view.synchronous.number == 0 && world_.lease.silence() < world_.options.timing.duration) return;
  const auto because = world_.options.instance + " was named in the Lease, and had not been elected";
  if (const auto released = world_.lease.release({because, {}, "", false}, view); !released) {
    base::log_info("Could not release the Lease", {{"because", because}, {"error", released.error().message}});
    return;
  }
  base::log_warning("Released the Lease", {{"because", because}});
}

std::optional<Ending> Candidate::campaign(const rules::LeaseView& view) {
  auto& c = *situation_.campaign;
  const auto& self = world_.options.instance;
  // Whoever did not answer may have been asked at the address of a pod that is gone.
  if (world_.peers.take_moved() && c.round && !c.round->is_over()) c.round.reset();
  if (c.record != view.resource_version) {
    c.record = view.resource_version;
    c.own.reset();
    c.round.reset();
  }
  const auto since = world_.lease.since_handover();
  if (view.holder.empty() && view.shutdown) {
    // The old primary has stopped cleanly: nothing of it can be acknowledged any more, so nobody has to let go of it.
    const auto own = world_.server.log_end();
    const auto decision =
        rules::elect({self, view, own ? std::vector{*own} : std::vector<rules::MemberReport>{}, false, since});
    if (decision.kind == rules::ElectionDecision::Kind::Claim) return promotion_.take_over(view, decision.why);
    if (since < rules::kHandoverPatience) return std::nullopt;
  }
  if (!let_go(c)) return std::nullopt;
  if (!begin_round(c, view)) return std::nullopt;
  rules::ElectionView election{self, view, {*c.own}, !c.round || c.round->is_over(), since};
  if (c.round) {
    for (auto& report : c.round->reports()) election.reports.push_back(std::move(report));
  }
  const auto decision = rules::elect(election);
  if (decision.kind == rules::ElectionDecision::Kind::Claim) {
    c.phases["collect"] = milliseconds_between(c.since, world_.now());
    return promotion_.take_over(view, decision.why);
  }
  if (election.is_round_over) wait_for_others(c, decision);
  return std::nullopt;
}

bool Candidate::let_go(Campaign& c) {
  if (c.own && c.own->is_disarmed) return true;
  const auto start = world_.now();
  c.own = disarm(c.record);
  c.phases["disarm"] = milliseconds_between(start, world_.now());
  if (!c.own->is_disarmed) situation_.report.status.blocked = c.own->refusal;
  return c.own->is_disarmed;
}

// False: not yet.
bool Candidate::begin_round(Campaign& c, const rules::LeaseView& view) {
  std::vector<std::string> peers;
  for (const auto& name : view.synchronous.names) {
    if (name != world_.options.instance) peers.push_back(name);
  }
  if (c.round || peers.empty()) return true;
  if (world_.now() < c.next_round) return false;
  c.round = std::make_unique<ElectionRound>(world_.peers, peers, c.record,
                                            [&processes = world_.processes] { processes.wake_up(); });
  return true;
}

void Candidate::wait_for_others(Campaign& c, const rules::ElectionDecision& decision) {
  auto& blocked = situation_.report.status.blocked;
  if (decision.why != blocked) base::log_warning("Did not claim the Lease", {{"why", decision.why}});
  blocked = decision.why;
  for (const auto& name : decision.missing) {
    if (std::find(c.waited_for.begin(), c.waited_for.end(), name) == c.waited_for.end() && c.waited_for.size() < 8)
      c.waited_for.push_back(name);
  }
  c.round.reset();
  c.next_round = world_.now() + kNextRound;
}

// The receiver is gone, so nothing more can be acknowledged to the old primary; only then is the log's end worth
// telling.
rules::MemberReport Candidate::disarm(const std::string& record) {
  auto& s = situation_;
  rules::MemberReport out;
  out.name = world_.options.instance;
  const auto view = world_.lease.view();
  if (!view || s.postmaster == 0 || s.is_primary || s.is_promoting) {
    out.refusal = s.postmaster != 0 ? "is primary" : "its server does not run: " + s.report.status.message;
    return out;
  }
  // One that does not know yet whether its data is consistent answers nobody: it has no vote, and it is said at once.
  const auto seen = world_.server.reception();
  if (!seen) {
    out.refusal = seen.error().with_context("its server does not answer").message;
    return out;
  }
  s.is_streaming = seen->receiver != 0;
  out.refusal =
      world_.commitment.disarm({out.name, *view, world_.lease.silence(), s.is_streaming, false, s.reach}, record);
  if (!out.refusal.empty()) return out;
  if (!s.followed.empty()) {
    server_.follow("");
    server_.reload();
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
  if (std::exchange(s.told_end, out.end()) != out.end())
    base::log_info("Let go of the primary",
                   {{"timeline", std::to_string(out.timeline)}, {"logEnd", rules::format_lsn(out.end())}});
  return out;
}

// After a restart only what was replayed is known: the log that lies here is read to its end first. No progress is no
// proof of that: a reader may hold it up, and the end that is told decides who is elected.
base::Result<rules::MemberReport> Candidate::whole_log_end() {
  const auto start = world_.now();
  while (true) {
    const auto is_read = world_.server.is_log_read();
    auto end = world_.server.log_end();
    if (!end)
      return end.error().kind == base::ErrorKind::Conflict ? end.error()
                                                           : end.error().with_context("its server does not answer");
    if (end->received != 0 || (is_read && *is_read)) return end;
    if (world_.now() - start > kReadBound || world_.processes.is_stop_requested())
      return base::Error{base::ErrorKind::Transient, "it still reads the log that lies on its volume"};
    world_.processes.wait(std::chrono::milliseconds(50));
    display_.refresh();  // we live; no answers to peers from within one
  }
}

bool Candidate::stop_wal_receiver() {
  const auto start = world_.now();
  bool is_killed = false;
  while (world_.now() - start < kReceiverBound + kReceiverKillBound) {
    const auto receiver = world_.server.wal_receiver();
    if (receiver && *receiver == 0) return true;
    if (receiver && !is_killed && world_.now() - start > kReceiverBound) {
      world_.processes.signal(*receiver, SIGTERM);
      is_killed = true;
    }
    world_.processes.wait(std::chrono::milliseconds(10));
  }
  return false;
}

void Candidate::answer_calls() {
  while (auto call = world_.peers.next_call()) call->respond(disarm(call->record));
}

}  // namespace cadence::agent::postgres
