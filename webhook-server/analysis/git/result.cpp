#include "analysis/git/result.hpp"

#include "analysis/text/text.hpp"

namespace cadence::analysis::git {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::Low:
      return "low";
    case Severity::Medium:
      return "medium";
    case Severity::High:
      return "high";
  }
  return "low";
}

std::string describe_span(std::int64_t seconds) {
  const std::int64_t hours = seconds / 3600;
  if (hours <= 1) return "< 1 hour";
  if (seconds < 24 * 3600) return std::to_string(hours) + " hours";
  if (seconds < 720 * 3600) return std::to_string(hours / 24) + " days";
  return std::to_string(hours / 168) + " weeks";
}

std::optional<std::string> describe_velocity(std::int64_t additions, std::int64_t seconds) {
  if (seconds <= 0) return std::nullopt;
  const double per_minute = static_cast<double>(additions) / (static_cast<double>(seconds) / 60);
  return fixed(per_minute, per_minute >= 1 ? 0 : 1) + " additions/min";
}

}  // namespace cadence::analysis::git
