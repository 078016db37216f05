#include "analysis/git/strategies.hpp"

namespace cadence::analysis::git {
namespace {

bool always(const Thresholds&) { return true; }

constexpr Strategy kStrategies[] = {
    {"size_analysis", "size_analysis", "structural", 0.6,
     [](const Thresholds& t) { return t.suspicious_additions > 0 || t.suspicious_deletions > 0; }, judge_size},
    {"velocity_analysis", "velocity_analysis", "velocity", 0.7,
     [](const Thresholds& t) { return t.max_additions_per_min > 0 || t.max_deletions_per_min > 0; }, judge_velocity},
    {"timing_analysis", "timing_analysis", "behavioral", 0.6,
     [](const Thresholds& t) { return t.min_time_delta_seconds > 0; }, judge_timing},
    {"file_dispersion_analysis", "file_dispersion_analysis", "structural", 0.5,
     [](const Thresholds& t) { return t.max_files_per_commit > 0; }, judge_file_dispersion},
    {"ratio_analysis", "ratio_analysis", "statistical", 0.6,
     [](const Thresholds& t) { return t.max_addition_ratio > 0 || t.min_deletion_ratio > 0; }, judge_ratio},
    {"precision_analysis", "precision_analysis", "statistical", 0.7,
     [](const Thresholds& t) { return t.enable_precision_analysis; }, judge_precision},
    {"commit_message_analysis", "commit_message_analysis", "behavioral", 0.6, always, judge_commit_message},
    {"naming_pattern_analysis", "naming_pattern_analysis", "pattern", 0.7, always, judge_naming_pattern},
    {"structural_consistency_analysis", "structural_consistency", "statistical", 0.6, always,
     judge_structural_consistency},
    {"burst_pattern_analysis", "burst_pattern", "behavioral", 0.7, always, judge_burst_pattern},
    {"error_handling_analysis", "error_handling_pattern", "pattern", 0.6, always, judge_error_handling},
    {"template_pattern_analysis", "template_pattern", "pattern", 0.7, always, judge_template_pattern},
    {"file_extension_analysis", "file_extension_pattern", "structural", 0.5, always, judge_file_extension},
    {"StatisticalAnomaly", "statistical_anomaly", "statistical", 0.8, always, nullptr},
    {"TimingAnomaly", "timing_anomaly", "behavioral", 0.7, always, judge_timing_anomaly},
};

}  // namespace

std::span<const Strategy> strategies() { return kStrategies; }

}  // namespace cadence::analysis::git
