#include "postgres/rules/replacement.hpp"

namespace cadence::postgres {

ReplacementJudgement judge_replacement(const std::string& self, const std::vector<OtherStandby>& others,
                                       bool must_remove_first) {
  for (const auto& other : others) {
    if (!other.status || !other.status->is_replacing) continue;
    // Of two that want to, the one whose name comes first waits for the other to step back.
    return {other.name + " replaces its copy now, and one does so at a time", self < other.name};
  }
  if (!must_remove_first) return {};
  const std::string start = "the volume cannot hold the old copy and a new one, and ";
  const std::string end = "; enlarge the volume, or delete it to have the instance copied from nothing";
  if (others.empty()) return {start + "beside the primary's this is the last copy" + end, false};
  for (const auto& other : others) {
    if (!other.status) return {start + other.name + " does not answer whether it has a copy" + end, false};
    if (other.status->volume != kVolumeDatabase) return {start + other.name + " has no whole copy" + end, false};
  }
  return {};
}

}  // namespace cadence::postgres
