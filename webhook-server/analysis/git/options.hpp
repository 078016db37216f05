// What a user can choose about the git analysis: thresholds, profile, quartiles, strategies, excluded files, bounds.
// Names are those of the configuration file. Plain values with validation; knows no file format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::analysis::git {

// A sub-check whose threshold is 0 is off.
struct Thresholds {
  std::int64_t suspicious_additions = 500;
  std::int64_t suspicious_deletions = 1000;
  double max_additions_per_min = 100;
  double max_deletions_per_min = 500;
  std::int64_t min_time_delta_seconds = 60;
  std::int64_t max_files_per_commit = 50;
  double max_addition_ratio = 0.95;
  double min_deletion_ratio = 0.95;
  std::int64_t min_commit_size_ratio = 100;
  bool enable_precision_analysis = true;
  bool operator==(const Thresholds&) const = default;
};

// Names the offending key; Invalid.
base::Result<void> validate(const Thresholds& thresholds);

enum class Profile { Corrected, Upstream };
enum class Quartiles { Sorted, Unsorted };
std::optional<Profile> profile_from(std::string_view name);      // "corrected", "upstream"
std::optional<Quartiles> quartiles_from(std::string_view name);  // "sorted", "unsorted"

// Strategies that are switched off, by either of their names (configuration or registered).
class StrategySwitches {
 public:
  // False when no strategy has this name.
  bool set(std::string_view name, bool enabled);
  [[nodiscard]] bool is_enabled(std::string_view registered_name) const {
    return !disabled_.contains(std::string(registered_name));
  }

 private:
  std::set<std::string> disabled_;
};

// Bounds on work that hostile input could blow up. Counted in steps, not time, so that results do not depend on the
// machine.
struct Bounds {
  std::uint64_t max_file_bytes = 64ULL << 20;         // larger files count as binary
  std::uint64_t max_line_diff_steps = 1'000'000'000;  // per file; beyond, the rest is one deletion and one insertion
  // of both texts where they differ; beyond, all of it counts as replaced
  std::uint64_t max_diff_lines = 4'000'000;
  // of added text kept for the strategies, about; beyond, lines are only counted
  std::uint64_t max_added_bytes = 128ULL << 20;
  std::uint64_t max_rename_comparisons = 4'000'000;  // adds x deletes; beyond, no search for similar content
  // content indexed for the similarity of one commit; beyond, the same
  std::uint64_t max_rename_bytes = 256ULL << 20;
  std::size_t max_tree_depth = 512;  // deeper folders are not entered
  // of one pair's list of changed files, about; beyond, the rest is left out
  std::uint64_t max_listed_bytes = 256ULL << 20;
  std::uint64_t max_message_bytes = 64ULL << 10;   // of one flagged commit in the result; beyond, its beginning
  std::uint64_t max_messages_bytes = 64ULL << 20;  // of all of them; beyond, the first 200 bytes of each
};

struct AnalysisOptions {
  Thresholds thresholds;
  Profile profile = Profile::Corrected;
  std::optional<Quartiles> quartiles;  // unset: sorted in Corrected, unsorted in Upstream
  StrategySwitches strategies;
  std::vector<std::string> exclude_files;
  Bounds bounds;
  bool lists_all = false;    // flagged commits are listed in the upstream profile too
  bool keeps_sizes = false;  // the result tells each judged commit's time and size: 32 bytes a commit

  [[nodiscard]] Quartiles effective_quartiles() const {
    return quartiles.value_or(profile == Profile::Corrected ? Quartiles::Sorted : Quartiles::Unsorted);
  }
};

}  // namespace cadence::analysis::git
