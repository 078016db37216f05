#include "postgres/rules/recovery.hpp"

#include <tuple>

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

using Kind = RecoveryDecision::Kind;
using Content = VolumeReport::Content;

std::vector<const VolumeReport*> those_with(const std::vector<VolumeReport>& reports, Content content) {
  std::vector<const VolumeReport*> out;
  for (const auto& report : reports) {
    if (report.content == content) out.push_back(&report);
  }
  return out;
}

std::string reasons_of(const std::vector<const VolumeReport*>& reports) {
  std::vector<std::string> out;
  for (const auto* report : reports)
    out.push_back(report->instance + (report->why.empty() ? "" : " (" + report->why + ")"));
  return base::join(out, ", ");
}

const VolumeReport& newest_of(const std::vector<const VolumeReport*>& databases) {
  const auto* best = databases.front();
  for (const auto* report : databases) {
    // A timeline is begun by whoever had every acknowledged commit of the last one.
    if (std::tie(report->timeline, report->end) > std::tie(best->timeline, best->end)) best = report;
  }
  return *best;
}

RecoveryDecision of_databases(const std::vector<const VolumeReport*>& databases) {
  bool is_one = true;
  std::vector<std::string> said;
  for (const auto* report : databases) {
    is_one = is_one && report->system_identifier == databases.front()->system_identifier;
    said.push_back(report->instance + " (" + report->system_identifier + ")");
  }
  if (!is_one)
    return {Kind::Blocked, "",
            "the volumes hold different databases, by their system identifiers: " + base::join(said, ", ")};
  const auto& best = newest_of(databases);
  return {Kind::Recover, best.instance,
          best.instance + " has the newest data (timeline " + std::to_string(best.timeline) + ", log to " +
              format_lsn(best.end) + ")"};
}

}  // namespace

RecoveryDecision choose_volume(const std::vector<VolumeReport>& reports) {
  if (const auto unusable = those_with(reports, Content::Unusable); !unusable.empty())
    return {Kind::Blocked, "", "nobody can tell what these hold: " + reasons_of(unusable)};
  if (const auto unknown = those_with(reports, Content::Unknown); !unknown.empty())
    return {Kind::Wait, "", reasons_of(unknown)};
  if (const auto databases = those_with(reports, Content::Database); !databases.empty()) return of_databases(databases);
  // What they were repaired from must have been somewhere.
  if (const auto stale = those_with(reports, Content::Stale); !stale.empty())
    return {Kind::Blocked, "", "only volumes in the midst of a repair are left: " + reasons_of(stale)};
  if (reports.empty()) return {Kind::Wait, "", "a volume"};
  return {Kind::Initialise, reports.front().instance,
          "every volume is empty: " + reports.front().instance + " creates the database"};
}

}  // namespace cadence::postgres
