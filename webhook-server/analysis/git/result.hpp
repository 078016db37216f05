// What an analysis found, field for field what a repository job's result shows. Plain values; knows no JSON and no
// clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace cadence::analysis::git {

enum class Severity { Low, Medium, High };
std::string_view to_string(Severity severity);

// One flagged commit.
struct Suspicion {
  std::string commit_hash;
  std::int64_t commit_index = 0;  // place in the commit list, the newest is 0
  std::string message;            // the whole message, in UTF-8
  Severity severity = Severity::Low;
  std::vector<std::string> reasons;
  std::vector<std::string_view> strategies;  // registered names, one for each reason
  double score = 0;                          // 0-100
  double confidence = 0;                     // 0-1
  std::string_view category;                 // of most of its reasons; a constant
  bool operator==(const Suspicion&) const = default;
};

// One commit that was compared with its partner, for plots.
struct CommitSize {
  std::uint32_t index = 0;  // as Suspicion::commit_index
  bool is_flagged = false;
  std::int64_t time = 0;  // the author's claim, seconds since 1970
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
  [[nodiscard]] std::int64_t size() const { return additions + deletions; }
  bool operator==(const CommitSize&) const = default;
};

// How many commits a strategy that was switched on fired for.
struct StrategyHits {
  std::string_view name;  // registered
  std::int64_t commits = 0;
  bool operator==(const StrategyHits&) const = default;
};

struct AnalysisResult {
  std::int64_t total_commits = 0;
  std::vector<Suspicion> suspicions;  // newest first; empty in the upstream profile unless all are asked for
  double overall_suspicion = 0;       // suspicious commits of all, 0-100

  // Absent when no two commits could be compared; velocity also when they span no time.
  std::optional<std::string> velocity;
  std::optional<std::string> time_span;
  std::optional<std::int64_t> unique_authors;
  std::optional<std::int64_t> average_commit_size;

  std::int64_t items_analyzed = 0;
  std::int64_t items_flagged = 0;
  std::int64_t strategies_used = 0;
  std::int64_t strategies_hit = 0;
  double average_score = 0;  // 0-1
  double coverage_rate = 0;  // 0-1

  std::vector<StrategyHits> strategies;  // in table order, in either profile
  std::vector<CommitSize> sizes;         // newest first; only when asked for

  std::string tip;  // hash of the commit the history ends at
  base::Wall started_at{};
  base::Wall completed_at{};

  [[nodiscard]] std::int64_t suspicious_commits() const { return static_cast<std::int64_t>(suspicions.size()); }
  bool operator==(const AnalysisResult&) const = default;
};

// "< 1 hour", "5 hours", "9 days", "7 weeks".
std::string describe_span(std::int64_t seconds);
// "12 additions/min", "0.4 additions/min"; nothing for a span that is not positive.
std::optional<std::string> describe_velocity(std::int64_t additions, std::int64_t seconds);

}  // namespace cadence::analysis::git
