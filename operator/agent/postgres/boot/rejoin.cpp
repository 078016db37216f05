#include "agent/postgres/boot/rejoin.hpp"

#include <utility>

#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr int kRewindTries = 3;

}  // namespace

Rejoin::Rejoin(const World& world, Situation& situation, Display& display, Tick tick)
    : world_(world), situation_(situation), display_(display), tick_(std::move(tick)) {}

base::Result<void> Rejoin::clone(const rules::Clone& decision) {
  display_.show(decision.replaces_data ? "Recloning" : "Starting", "copying the database from " + decision.from);
  const auto view = world_.lease.view();
  if (decision.replaces_data) {
    if (auto allowed = may_replace(decision.from); !allowed) return allowed;
  }
  auto done = world_.volume.clone(decision.from, view ? view->system_identifier : "", decision.replaces_data, tick_);
  if (done) situation_.repair = rules::Repair::None;
  // Others have their turn once the copy is there, or while the old one still is.
  situation_.report.status.is_replacing = !done && world_.volume.is_empty();
  return done;
}

// The old copy goes only when a new one can be had, and never while another standby's goes, too.
base::Result<void> Rejoin::may_replace(const std::string& primary) {
  auto& status = situation_.report.status;
  const auto source = world_.peers.status(primary);
  if (!source) return source.error();
  if (source->role != "primary" || !source->is_writable)
    return Error{ErrorKind::Transient, primary + " is no primary to copy from now"};
  const bool must_remove_first = status.volume == rules::kVolumeDatabase && !world_.volume.can_hold_both();
  if (!status.is_replacing) {
    if (const auto first = judge(primary, must_remove_first); !first.objection.empty())
      return Error{ErrorKind::Transient, first.objection};
    status.is_replacing = true;
    display_.refresh();
  }
  const auto judgement = judge(primary, must_remove_first);
  if (!judgement.objection.empty()) {
    status.is_replacing = judgement.keeps_turn;
    return Error{ErrorKind::Transient, judgement.objection};
  }
  if (!must_remove_first) return {};
  auto proven = world_.volume.prove_copy(primary, tick_);
  const auto view = world_.lease.view();
  if (proven && (!view || view->holder != primary))
    proven = Error{ErrorKind::Transient, primary + " has lost the Lease: its successor is looked for"};
  if (!proven) status.is_replacing = false;
  return proven;
}

rules::ReplacementJudgement Rejoin::judge(const std::string& primary, bool must_remove_first) {
  std::vector<rules::OtherStandby> standbys;
  for (const auto& name : world_.others()) {
    if (name == primary) continue;
    auto status = world_.peers.status(name);
    standbys.push_back({name, status ? std::optional(std::move(*status)) : std::nullopt});
    tick_();
  }
  return rules::judge_replacement(world_.options.instance, standbys, must_remove_first);
}

base::Result<void> Rejoin::rewind(const std::string& primary) {
  const auto source = world_.peers.status(primary);
  if (!source) return source.error();
  if (source->role != "primary") return Error{ErrorKind::Transient, primary + " is not promoted yet"};
  const auto reach = [&] { return world_.volume.reach_for_rewind(primary, tick_); };
  if (auto reached = reach(); !reached) return reached;
  display_.show("Rewinding", "comparing the data with " + primary + "'s and undoing what only we have");
  const auto view = world_.lease.view();
  auto done = world_.volume.rewind(primary, tick_);
  if (done) {
    situation_.repair = rules::Repair::None;
    if (view && view->holder == primary) situation_.compared_with = view->reserved_timeline;
    return done;
  }
  // A connection that broke meanwhile says nothing about the data.
  if (!world_.processes.is_stop_requested() && reach() && ++situation_.rewinds >= kRewindTries) {
    base::log_error("Gave up rewinding: the database is copied again",
                    {{"tries", std::to_string(situation_.rewinds)}, {"error", done.error().message}});
    situation_.repair = rules::Repair::Clone;
  }
  return done;
}

}  // namespace cadence::agent::postgres
