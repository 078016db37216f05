#include "cadence/api/webhook_checks.hpp"

#include <algorithm>

#include "base/quantity.hpp"

namespace cadence::api {

namespace {

using Errors = std::vector<json::FieldError>;

void check_duration(Errors& errors, const char* path, const std::string& text, const Bounds& bounds) {
  const auto parsed = base::parse_duration(text);
  if (!parsed || *parsed < *base::parse_duration(bounds.least) || *parsed > *base::parse_duration(bounds.most))
    errors.push_back({path, bounds_message(bounds)});
}

void check_size(Errors& errors, const char* path, const std::string& text, const Bounds& bounds) {
  const auto parsed = base::parse_bytes(text);
  if (!parsed || *parsed < *base::parse_bytes(bounds.least) || *parsed > *base::parse_bytes(bounds.most))
    errors.push_back({path, bounds_message(bounds)});
}

void check_thresholds(Errors& errors, const Thresholds& thresholds) {
  const auto is_off = [](const auto& value) { return value && *value <= 0; };
  if (is_off(thresholds.suspicious_additions) && is_off(thresholds.suspicious_deletions) &&
      is_off(thresholds.max_additions_per_min) && is_off(thresholds.max_deletions_per_min) &&
      is_off(thresholds.min_time_delta_seconds) && is_off(thresholds.max_files_per_commit) &&
      is_off(thresholds.max_addition_ratio) && is_off(thresholds.min_deletion_ratio))
    errors.push_back(
        {"spec.webhook.detection.thresholds", "at least one of suspiciousAdditions to minDeletionRatio must not be 0"});
}

std::string is_no_strategy() {
  std::string list;
  for (const auto& name : strategy_names()) list += (list.empty() ? "" : ", ") + std::string(name);
  return "is no strategy; there are " + list;
}

}  // namespace

const std::vector<std::string_view>& strategy_names() {
  static const std::vector<std::string_view> names = {
      "size_analysis", "velocity_analysis", "timing_analysis", "file_dispersion_analysis", "ratio_analysis",
      "precision_analysis", "commit_message_analysis", "naming_pattern_analysis", "structural_consistency_analysis",
      "structural_consistency", "burst_pattern_analysis", "burst_pattern", "error_handling_analysis",
      "error_handling_pattern", "template_pattern_analysis", "template_pattern", "file_extension_analysis",
      "file_extension_pattern", "StatisticalAnomaly", "statistical_anomaly", "TimingAnomaly", "timing_anomaly",
      // of pages
      "overused_phrases", "generic_language", "excessive_structure", "perfect_grammar", "boilerplate_text",
      "repetitive_patterns", "missing_nuance", "excessive_transitions", "uniform_sentence_length", "ai_vocabulary",
      "emoji_overuse", "special_characters", "missing_alt_text", "semantic_html_issues", "accessibility_markers",
      "heading_hierarchy_issues", "hardcoded_values", "form_issues", "link_text_quality", "generic_styling"};
  return names;
}

std::string duration_rule(const Bounds& bounds) {
  return std::string("duration(self) >= duration('") + bounds.least + "') && duration(self) <= duration('" +
         bounds.most + "')";
}

std::string size_rule(const Bounds& bounds) {
  return std::string("quantity(self).compareTo(quantity('") + bounds.least +
         "')) >= 0 && quantity(self).compareTo(quantity('" + bounds.most + "')) <= 0";
}

std::string bounds_message(const Bounds& bounds) {
  return std::string("must be from ") + bounds.least + " to " + bounds.most;
}

void check_webhook(Errors& errors, const WebhookSpec& webhook) {
  const auto& ingest = webhook.ingest;
  check_duration(errors, "spec.webhook.ingest.ackDeadline", ingest.ack_deadline, kAckDeadline);
  check_duration(errors, "spec.webhook.ingest.dedupeRetention", ingest.dedupe_retention, kRetention);
  check_duration(errors, "spec.webhook.retention.results", webhook.retention.results, kRetention);
  check_duration(errors, "spec.webhook.clone.timeout", webhook.clone.timeout, kCloneTimeout);
  check_size(errors, "spec.webhook.clone.maxRepositoryBytes", webhook.clone.max_repository_bytes, kCloneBytes);
  check_size(errors, "spec.webhook.clone.maxMemoryBytes", webhook.clone.max_memory_bytes, kCloneMemory);
  check_size(errors, "spec.webhook.spool.size", webhook.spool.size, kSpoolBytes);
  check_size(errors, "spec.webhook.ingest.inFlightBytes", ingest.in_flight_bytes, kInFlightBytes);
  if (const auto held = base::parse_bytes(ingest.in_flight_bytes); held && *held < ingest.max_body_bytes)
    errors.push_back(
        {"spec.webhook.ingest.inFlightBytes",
         "must not be less than spec.webhook.ingest.maxBodyBytes: no delivery of that size could be read"});
  check_thresholds(errors, webhook.detection.thresholds);
  check_reading(errors, webhook);
  check_feedback(errors, webhook.feedback);
  check_reconcile(errors, webhook.reconcile_deliveries, webhook.feedback);
  check_tracing(errors, webhook.tracing);
  for (const auto& [name, is_on] : webhook.detection.strategies) {
    const auto& known = strategy_names();
    if (std::find(known.begin(), known.end(), name) == known.end())
      errors.push_back({"spec.webhook.detection.strategies." + name, is_no_strategy()});
  }
}

}  // namespace cadence::api
