#include "analysis/git/options.hpp"

#include <cmath>

#include "analysis/git/strategies.hpp"

namespace cadence::analysis::git {
namespace {

base::Error invalid(std::string_view key, std::string_view rule) {
  return {base::ErrorKind::Invalid, "thresholds." + std::string(key) + " " + std::string(rule)};
}

}  // namespace

base::Result<void> validate(const Thresholds& t) {
  const std::pair<std::string_view, double> values[] = {
      {"suspicious_additions", static_cast<double>(t.suspicious_additions)},
      {"suspicious_deletions", static_cast<double>(t.suspicious_deletions)},
      {"max_additions_per_min", t.max_additions_per_min},
      {"max_deletions_per_min", t.max_deletions_per_min},
      {"min_time_delta_seconds", static_cast<double>(t.min_time_delta_seconds)},
      {"max_files_per_commit", static_cast<double>(t.max_files_per_commit)},
      {"max_addition_ratio", t.max_addition_ratio},
      {"min_deletion_ratio", t.min_deletion_ratio},
      {"min_commit_size_ratio", static_cast<double>(t.min_commit_size_ratio)}};
  bool any = false;
  for (const auto& [key, value] : values) {
    if (!std::isfinite(value)) return invalid(key, "must be a finite number");
    if (value < 0) return invalid(key, "must not be negative");
    if (key.ends_with("_ratio") && key != "min_commit_size_ratio" && value > 1)
      return invalid(key, "must lie between 0 and 1");
    any = any || (value > 0 && key != "min_commit_size_ratio");
  }
  if (!any)
    return base::Error{base::ErrorKind::Invalid,
                       "thresholds: at least one of suspicious_additions to min_deletion_ratio must not be 0"};
  return base::ok();
}

std::optional<Profile> profile_from(std::string_view name) {
  if (name == "corrected") return Profile::Corrected;
  if (name == "upstream") return Profile::Upstream;
  return std::nullopt;
}

std::optional<Quartiles> quartiles_from(std::string_view name) {
  if (name == "sorted") return Quartiles::Sorted;
  if (name == "unsorted") return Quartiles::Unsorted;
  return std::nullopt;
}

bool StrategySwitches::set(std::string_view name, bool enabled) {
  for (const Strategy& strategy : strategies()) {
    if (name != strategy.name && name != strategy.config_name) continue;
    if (enabled) {
      disabled_.erase(std::string(strategy.name));
    } else {
      disabled_.insert(std::string(strategy.name));
    }
    return true;
  }
  return false;
}

}  // namespace cadence::analysis::git
