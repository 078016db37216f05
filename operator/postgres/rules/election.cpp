#include "postgres/rules/election.hpp"

#include <algorithm>
#include <tuple>

#include "base/text.hpp"
#include "kube/core/resource_version.hpp"

namespace cadence::postgres {
namespace {

using Kind = ElectionDecision::Kind;

const MemberReport* report_of(const ElectionView& view, const std::string& name) {
  const auto found =
      std::find_if(view.reports.begin(), view.reports.end(), [&](const auto& report) { return report.name == name; });
  return found == view.reports.end() ? nullptr : &*found;
}

// The later in this order, the better; equal logs are told apart by name alone, so that all candidates agree.
bool is_worse(const MemberReport& a, const MemberReport& b) {
  return std::make_tuple(a.timeline, a.end(), b.name) < std::make_tuple(b.timeline, b.end(), a.name);
}

ElectionDecision best_claims(const ElectionView& view, const std::vector<MemberReport>& candidates) {
  const auto& best = *std::max_element(candidates.begin(), candidates.end(), is_worse);
  if (best.name == view.self) return {Kind::Claim, "has all of the log that any candidate has", {}};
  return {Kind::Yield, best.name + " has at least as much of the log", {}};
}

std::vector<MemberReport> disarmed_members(const ElectionView& view) {
  std::vector<MemberReport> out;
  for (const auto& report : view.reports) {
    if (report.is_disarmed && view.lease.synchronous.has(report.name)) out.push_back(report);
  }
  return out;
}

// One who has replayed past the shutdown checkpoint has everything: no quorum is needed.
bool has_shutdown_point(const ElectionView& view) {
  const auto* own = report_of(view, view.self);
  const auto& point = view.lease.shutdown;
  return point && own != nullptr && own->timeline == point->timeline && own->replayed > point->lsn;
}

ElectionDecision after_clean_stop(const ElectionView& view) {
  const auto& next = view.lease.handover_to;
  const bool is_patient = view.since_release < kHandoverPatience;
  if (has_shutdown_point(view)) {
    if (!next.empty() && next != view.self && is_patient)
      return {Kind::Wait, "the Lease was handed over to " + next, {}};
    return {Kind::Claim, "has replayed the log to its clean end", {}};
  }
  return {
      Kind::Wait, "has not replayed the log to its clean end at " + format_lsn(view.lease.shutdown->lsn) + " yet", {}};
}

ElectionDecision without_synchronous_members(const ElectionView& view) {
  const auto& set = view.lease.synchronous;
  if (!view.lease.is_synchronous_readable) {
    return {Kind::Blocked,
            "which standbys have every acknowledged commit is not known: of the Lease " + view.lease.unreadable +
                ". Write there what it said, or bring the last primary back",
            {view.lease.last_holder}};
  }
  if (set.mode != SynchronousMode::Off) {
    return {Kind::Blocked,
            "no standby was synchronous when the primary was lost, so an election could lose acknowledged commits",
            {view.lease.last_holder}};
  }
  if (!view.is_round_over) return {Kind::Wait, "waits for the other standbys to answer", {}};
  const auto candidates = disarmed_members(view);
  if (candidates.empty() || !set.has(view.self)) return {Kind::Wait, "is not among those who may be elected", {}};
  return best_claims(view, candidates);
}

ElectionDecision by_quorum(const ElectionView& view) {
  const auto& set = view.lease.synchronous;
  if (!set.has(view.self)) return {Kind::Wait, "is not in the synchronous set " + to_text(set), {}};
  const auto candidates = disarmed_members(view);
  if (candidates.size() >= set.election_quorum()) return best_claims(view, candidates);
  if (!view.is_round_over) return {Kind::Wait, "waits for the other standbys to answer", {}};
  ElectionDecision out{Kind::Blocked, "", {}};
  for (const auto& name : set.names) {
    const auto* report = report_of(view, name);
    if (report != nullptr && report->is_disarmed) continue;
    out.missing.push_back(name + (report == nullptr ? " (no answer)" : " (" + report->refusal + ")"));
  }
  out.why = "needs " + std::to_string(set.election_quorum()) + " of the " + std::to_string(set.names.size()) +
            " synchronous standbys, has " + std::to_string(candidates.size()) +
            "; missing: " + base::join(out.missing, ", ");
  const auto& last = view.lease.holder.empty() ? view.lease.last_holder : view.lease.holder;
  if (!last.empty()) out.why += "; it goes on when they answer, or when the last primary, " + last + ", is back";
  return out;
}

}  // namespace

std::string_view to_string(Suspicion suspicion) {
  switch (suspicion) {
    case Suspicion::None:
      return "none";
    case Suspicion::Released:
      return "the Lease was released";
    case Suspicion::Silent:
      return "the Lease was not renewed";
    case Suspicion::Gone:
      return "replication broke and the primary's pod does not answer";
  }
  return "none";
}

Suspicion suspect(const SuspicionFacts& facts, const LeaseTiming& timing) {
  const auto& lease = facts.lease;
  if (!lease.is_present || lease.system_identifier.empty() || lease.holder == facts.self) return Suspicion::None;
  if (lease.holder.empty()) return Suspicion::Released;
  if (facts.has_promised) return Suspicion::None;
  if (facts.silence >= timing.duration) return Suspicion::Silent;
  // Safe before the record has run out only because the quorum, not the clock, keeps the old primary from
  // acknowledging.
  if (lease.synchronous.number == 0 || facts.is_streaming) return Suspicion::None;
  if (facts.reach == Reach::Refused) return Suspicion::Gone;
  if (facts.reach == Reach::Silent && facts.silence >= timing.soft) return Suspicion::Gone;
  return Suspicion::None;
}

std::string objection_to_disarm(const SuspicionFacts& facts, const std::string& resource_version,
                                const LeaseTiming& timing) {
  const auto& lease = facts.lease;
  const auto order = kube::core::compare_resource_versions(lease.resource_version, resource_version);
  if (order && *order > 0) return "knows a newer record";
  const bool is_same = lease.resource_version == resource_version;
  // An older view than the candidate's: it has seen what we have not; only our own stream can object.
  if (is_same && lease.holder.empty()) return "";
  if (facts.has_promised) return "has promised " + lease.holder + " to stay";
  if (facts.is_streaming && facts.silence < timing.duration) return "streams from " + lease.holder;
  return "";
}

bool is_part_of_elected(const LeaseView& lease, const MemberReport& own) {
  if (!lease.elected_at || own.timeline == lease.reserved_timeline) return true;
  return own.timeline == lease.elected_at->timeline && own.end() <= lease.elected_at->lsn;
}

bool is_part_of_elected(const LeaseView& lease, const LogPoint& least, const std::vector<LogPoint>& left) {
  if (least.lsn == 0 || least.timeline == 0) return false;
  if (!lease.elected_at) return true;
  if (lease.timeline <= lease.elected_at->timeline) return false;  // not promoted yet
  if (least.timeline == lease.timeline) return true;
  return std::any_of(left.begin(), left.end(),
                     [&](const LogPoint& end) { return end.timeline == least.timeline && least.lsn <= end.lsn; });
}

ElectionDecision elect(const ElectionView& view) {
  const auto& lease = view.lease;
  if (lease.holder.empty() && lease.shutdown) {
    auto decision = after_clean_stop(view);
    if (decision.kind == Kind::Claim || view.since_release < kHandoverPatience) return decision;
  }
  return lease.synchronous.number == 0 ? without_synchronous_members(view) : by_quorum(view);
}

}  // namespace cadence::postgres
