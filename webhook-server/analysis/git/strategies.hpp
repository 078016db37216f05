// The fifteen strategies: what each is called, when it is active, and how it judges one pair of commits. Pure: a
// judgement depends on the pair, the thresholds and, for the statistical one, the repository's baseline.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/git/baseline.hpp"
#include "analysis/git/measure.hpp"
#include "analysis/git/options.hpp"

namespace cadence::analysis::git {

// Everything a strategy may look at.
struct PairFacts {
  LineCounts counts;
  std::int64_t seconds = 0;  // between the two author dates, > 0
  bool has_diff = false;
  const AddedText* added = nullptr;
  std::string_view lower_code;     // the added text in lower case
  std::string_view lower_message;  // the commit message in lower case
};

struct Rules {
  Thresholds thresholds;
  Profile profile = Profile::Corrected;
};

// The reason, or nothing when the strategy does not fire.
using Judgement = std::optional<std::string>;

struct Strategy {
  std::string_view name;         // as results name it
  std::string_view config_name;  // as the configuration names it
  std::string_view category;
  double confidence = 0;
  bool (*is_active)(const Thresholds&) = nullptr;
  Judgement (*judge)(const PairFacts&, const Rules&) = nullptr;  // unset for the one that needs the baseline
};

// In the order of their registration, which is the order of reasons.
std::span<const Strategy> strategies();

Judgement judge_size(const PairFacts& pair, const Rules& rules);
Judgement judge_velocity(const PairFacts& pair, const Rules& rules);
Judgement judge_timing(const PairFacts& pair, const Rules& rules);
Judgement judge_file_dispersion(const PairFacts& pair, const Rules& rules);
Judgement judge_ratio(const PairFacts& pair, const Rules& rules);
Judgement judge_precision(const PairFacts& pair, const Rules& rules);
Judgement judge_commit_message(const PairFacts& pair, const Rules& rules);
Judgement judge_naming_pattern(const PairFacts& pair, const Rules& rules);
Judgement judge_structural_consistency(const PairFacts& pair, const Rules& rules);
Judgement judge_burst_pattern(const PairFacts& pair, const Rules& rules);
Judgement judge_error_handling(const PairFacts& pair, const Rules& rules);
Judgement judge_template_pattern(const PairFacts& pair, const Rules& rules);
Judgement judge_file_extension(const PairFacts& pair, const Rules& rules);
Judgement judge_timing_anomaly(const PairFacts& pair, const Rules& rules);

// Takes no text: it runs when the whole history has been measured.
Judgement judge_statistical_anomaly(const LineCounts& counts, const Baseline& baseline);

}  // namespace cadence::analysis::git
