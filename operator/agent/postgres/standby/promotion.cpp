#include "agent/postgres/standby/promotion.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kPromotionBound{60};
constexpr std::chrono::seconds kReaderPatience{2};  // of a promotion with sessions that read here

}  // namespace

std::int64_t milliseconds_between(base::Monotonic from, base::Monotonic to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

Promotion::Promotion(const World& world, Situation& situation, Display& display, Server& server, Tick tick)
    : world_(world), situation_(situation), display_(display), server_(server), tick_(std::move(tick)) {}

std::optional<Ending> Promotion::take_over(const rules::LeaseView& view, const std::string& why) {
  const auto start = world_.now();
  if (const auto claimed = claim(view); !claimed) {
    base::log_info("Could not claim the Lease", {{"why", why}, {"error", claimed.error().message}});
    world_.processes.wait(std::chrono::milliseconds(50));
    return std::nullopt;
  }
  Campaign campaign;
  campaign.since = world_.now();
  if (situation_.campaign) campaign = std::move(*situation_.campaign);
  situation_.campaign.reset();
  base::log_info("Claimed the Lease", {{"why", why}, {"term", std::to_string(world_.lease.view()->transitions)}});
  campaign.phases["claim"] = milliseconds_between(start, world_.now());
  world_.lease.point_endpoints_here();
  const auto promoting = world_.now();
  if (!promote()) {
    base::log_error("Could not promote: gave the Lease back");
    return server_.leave(SIGINT, {world_.options.instance + " could not be promoted", {}, ""});
  }
  campaign.phases["promote"] = milliseconds_between(promoting, world_.now());
  campaign.phases["total"] = milliseconds_between(campaign.since, world_.now());
  tell(view, campaign);
  return std::nullopt;
}

base::Result<void> Promotion::claim(const rules::LeaseView& view) {
  auto set = world_.files.applied();
  if (set.mode == rules::SynchronousMode::Off)
    set = rules::wanted_set(world_.files.synchronous(), world_.others(), view.synchronous.names);
  const auto own = world_.server.log_end();
  const auto newest = std::max(own ? own->timeline : 0, world_.volume.newest_timeline());
  if (!own) return own.error();
  return world_.lease.claim(view, rules::Promotion{std::move(set), newest, {own->end(), own->timeline}});
}

void Promotion::tell(const rules::LeaseView& view, Campaign& campaign) {
  const auto& from = view.holder.empty() ? view.last_holder : view.holder;
  auto reason = view.released_because.empty() ? std::string(to_string(campaign.suspicion)) : view.released_because;
  auto& story = situation_.untold;
  story = rules::Failover{base::format_rfc3339(world_.clock.wall()),
                          from,
                          world_.options.instance,
                          std::move(reason),
                          world_.lease.view()->transitions,
                          campaign.phases["total"],
                          campaign.phases,
                          campaign.waited_for};
  base::log_info("Promoted",
                 {{"from", from}, {"reason", story->reason}, {"milliseconds", std::to_string(story->duration_ms)}});
}

bool Promotion::promote() {
  auto& s = situation_;
  display_.show("Promoting", "becoming primary");
  world_.fence.arm(s.postmaster);
  s.is_promoting = true;
  s.is_checkpointed = false;
  server_.follow("");
  world_.files.act_as_primary(true);
  if (const auto passed = world_.volume.pass_over_timelines(world_.lease.view()->reserved_timeline); !passed) {
    base::log_error("Could not keep to the timeline's number", {{"error", passed.error().message}});
    s.is_promoting = false;
    return false;
  }
  // We may have stood still since the claim.
  const bool is_asked =
      world_.server.promote([this] { return world_.lease.is_holding() && world_.fence.may_write(); }).is_ok();
  // A primary only when it was seen to be one: what a server leaves behind that ends before is a standby's.
  s.is_primary = is_asked && await();
  s.is_promoting = false;
  return s.is_primary;
}

bool Promotion::await() {
  const auto asked = world_.now();
  const auto deadline = asked + kPromotionBound;
  auto ended_sessions = asked;
  while (world_.now() < deadline && world_.processes.is_running(situation_.postmaster) && !world_.lease.is_lost() &&
         !world_.processes.is_stop_requested()) {
    const auto is_promoted = world_.server.is_promoted();
    if (is_promoted && *is_promoted) {
      static_cast<void>(world_.commitment.free_by(*world_.lease.view()));
      world_.storage.start();
      situation_.looked = {};
      return true;
    }
    if (!is_promoted) world_.server.forget();
    // The log must be replayed to its end first, and max_standby_streaming_delay may let a reader hold that up for
    // ever.
    if (is_promoted && world_.now() - asked > kReaderPatience && world_.is_due(ended_sessions, kReaderPatience)) {
      world_.server.end_sessions();
      base::log_warning("Ended the sessions on this standby: one of them may hold up the promotion", {});
    }
    world_.processes.wait(std::chrono::milliseconds(10));
    tick_();
  }
  return false;
}

}  // namespace cadence::agent::postgres
