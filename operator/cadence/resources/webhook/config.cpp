#include <algorithm>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/webhook/providers.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {
namespace {

// A duration that the schema let through parses; the fallback serves objects that came past an older schema.
std::int64_t milliseconds_of(const std::string& duration, std::int64_t fallback) {
  const auto parsed = base::parse_duration(duration);
  return parsed ? parsed->count() : fallback;
}

std::int64_t hours_of(const std::string& duration, std::int64_t fallback) {
  constexpr std::int64_t kHour = 3600 * 1000;
  return (milliseconds_of(duration, fallback * kHour) + kHour - 1) / kHour;
}

std::int64_t seconds_of(const std::string& duration, std::int64_t fallback) {
  return (milliseconds_of(duration, fallback * 1000) + 999) / 1000;
}

std::int64_t bytes_of(const std::string& size, std::int64_t fallback) {
  const auto parsed = base::parse_bytes(size);
  return parsed ? *parsed : fallback;
}

json::Value secrets_section(const Context& context) {
  auto out = json::Value::object();
  for (const auto& provider : webhook_providers(context)) {
    auto entries = json::Value::array();
    for (std::size_t i = 0; i < provider.secrets.size(); ++i) {
      entries.push_back({{"file", provider.directory() + "/" + std::to_string(i)},
                         {"repositories", provider.secrets[i].repositories}});
    }
    if (!entries.empty()) out[provider.name] = std::move(entries);
  }
  return out;
}

// What opens the API of an entry that is the i-th of its list.
void put_opening(json::Value& into, const char* folder, std::size_t i, const auto& entry) {
  const auto file = [&](const char* what) { return std::string(folder) + "/" + std::to_string(i) + "-" + what; };
  if (entry.token_secret_ref) into["token_file"] = file("token");
  if (entry.app_secret_ref) into["app"] = {{"id", entry.app_id}, {"key_file", file("key")}};
  if (entry.ca_secret_ref) into["ca_file"] = file("ca");
}

json::Value reconcile_section(const api::WebhookSpec& webhook) {
  auto hooks = json::Value::array();
  for (std::size_t i = 0; i < webhook.reconcile_deliveries.size(); ++i) {
    const auto& entry = webhook.reconcile_deliveries[i];
    json::Value one{{"provider", entry.provider}, {"of", entry.of}};
    if (!entry.api_url.empty()) one["api_url"] = entry.api_url;
    if (!entry.hook_url.empty()) one["hook_url"] = entry.hook_url;
    if (entry.hook_id != 0) one["hook_id"] = entry.hook_id;
    const auto borrowed = api::feedback_for(entry, webhook.feedback);
    if (borrowed && !entry.token_secret_ref && !entry.app_secret_ref)
      put_opening(one, kFeedbackSecrets, *borrowed, webhook.feedback[*borrowed]);
    put_opening(one, kReconcileSecrets, i, entry);
    hooks.push_back(std::move(one));
  }
  return {{"hooks", std::move(hooks)}};
}

json::Value feedback_section(const std::vector<api::Feedback>& entries) {
  auto out = json::Value::array();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    json::Value one{{"provider", entry.provider}, {"repositories", entry.repositories}};
    if (!entry.api_url.empty()) one["api_url"] = entry.api_url;
    put_opening(one, kFeedbackSecrets, i, entry);
    if (entry.fail_above) one["fail_above"] = *entry.fail_above;
    out.push_back(std::move(one));
  }
  return out;
}

json::Value tracing_section(const api::WebhookTracing& tracing) {
  json::Value out{{"endpoint", tracing.endpoint}, {"sample_ratio", tracing.sample_ratio}};
  if (tracing.headers_secret_ref) out["headers_file"] = std::string(kTracingSecrets) + "/headers";
  if (tracing.ca_secret_ref) out["ca_file"] = std::string(kTracingSecrets) + "/ca";
  return out;
}

json::Value thresholds_section(const api::Thresholds& thresholds) {
  auto out = json::Value::object();
  const auto put = [&out](const char* key, const auto& value) {
    if (value) out[key] = *value;
  };
  put("suspicious_additions", thresholds.suspicious_additions);
  put("suspicious_deletions", thresholds.suspicious_deletions);
  put("max_additions_per_min", thresholds.max_additions_per_min);
  put("max_deletions_per_min", thresholds.max_deletions_per_min);
  put("min_time_delta_seconds", thresholds.min_time_delta_seconds);
  put("max_files_per_commit", thresholds.max_files_per_commit);
  put("max_addition_ratio", thresholds.max_addition_ratio);
  put("min_deletion_ratio", thresholds.min_deletion_ratio);
  put("min_commit_size_ratio", thresholds.min_commit_size_ratio);
  put("enable_precision_analysis", thresholds.enable_precision_analysis);
  return out;
}

json::Value detection_section(const api::DetectionSpec& detection) {
  json::Value out{{"profile", detection.profile}};
  if (!detection.quartiles.empty()) out["quartiles"] = detection.quartiles;
  if (!detection.strategies.empty()) out["strategies"] = detection.strategies;
  return out;
}

}  // namespace

std::int64_t largest_clone(const api::CadenceClusterSpec& spec) {
  return bytes_of(spec.webhook.clone.max_repository_bytes, std::int64_t{2} << 30);
}

std::int64_t most_memory_of_clone(const api::CadenceClusterSpec& spec) {
  return bytes_of(spec.webhook.clone.max_memory_bytes, std::int64_t{192} << 20);
}

std::int64_t webhook_in_flight_bytes(const api::CadenceClusterSpec& spec) {
  return bytes_of(spec.webhook.ingest.in_flight_bytes, 256 << 20);
}

bool has_links(const api::CadenceClusterSpec& spec) { return !spec.webhook.links.public_url.empty(); }

bool has_spool(const api::CadenceClusterSpec& spec) {
  return spec.webhook.ingest.on_database_unavailable == "SpoolDisk";
}

std::int64_t webhook_spool_bytes(const api::CadenceClusterSpec& spec) {
  constexpr std::int64_t kLeast = std::int64_t{1} << 20;  // the server's own bound
  return std::max(bytes_of(spec.webhook.spool.size, std::int64_t{1} << 30), kLeast);
}

std::string webhook_configuration(const Context& context) {
  const auto& webhook = context.spec().webhook;
  json::Value out;
  out["webhook"] = {{"secrets", secrets_section(context)},
                    {"max_workers", webhook.workers},
                    {"max_body_bytes", webhook.ingest.max_body_bytes},
                    {"in_flight_bytes", webhook_in_flight_bytes(context.spec())},
                    {"ack_deadline_seconds", seconds_of(webhook.ingest.ack_deadline, 8)},
                    {"queue_capacity", webhook.queue_capacity},
                    {"api", {{"access", base::to_lower(webhook.api.access)}, {"tokens_folder", kApiTokens}}},
                    {"drain_seconds", 5}};
  auto& api = out["webhook"]["api"];
  if (webhook.api.requests_per_minute > 0) api["requests_per_minute"] = webhook.api.requests_per_minute;
  if (!webhook.api.cors_origins.empty()) api["cors_origins"] = webhook.api.cors_origins;
  if (has_links(context.spec()))
    out["webhook"]["links"] = {{"public_url", webhook.links.public_url},
                               {"key_file", std::string(kLinkKeys) + "/keys"},
                               {"valid_days", webhook.links.valid_days}};
  if (!webhook.feedback.empty()) out["webhook"]["feedback"] = feedback_section(webhook.feedback);
  if (!webhook.reconcile_deliveries.empty()) out["webhook"]["reconcile"] = reconcile_section(webhook);
  if (has_spool(context.spec())) {
    out["webhook"]["on_store_unavailable"] = "spool_disk";
    out["webhook"]["spool"] = {{"folder", std::string(kSpoolVolume) + "/deliveries"},
                               {"max_bytes", webhook_spool_bytes(context.spec())},
                               {"drain_seconds", kSpoolDrainSeconds}};
  }
  out["clone"] = {{"allowed_hosts", webhook.clone.allowed_hosts},
                  {"allow_private_networks", webhook.clone.allow_private_networks},
                  {"timeout_seconds", seconds_of(webhook.clone.timeout, 120)},
                  {"max_repository_bytes", largest_clone(context.spec())},
                  {"max_memory_bytes", most_memory_of_clone(context.spec())},
                  {"cache", {{"max_bytes", kCloneCacheBytes}}}};
  if (!webhook.clone.credentials_secret_ref.empty()) out["clone"]["credentials_folder"] = kCloneCredentials;
  out["redis"] = {{"seeds", {context.names().redis() + ":6379"}},
                  {"user", "webhook"},
                  {"password_file", std::string(kCachePassword) + "/password"}};
  if (!webhook.tracing.endpoint.empty()) out["tracing"] = tracing_section(webhook.tracing);
  out["detection"] = detection_section(webhook.detection);
  if (auto thresholds = thresholds_section(webhook.detection.thresholds); !thresholds.empty())
    out["thresholds"] = std::move(thresholds);
  if (!webhook.detection.exclude_files.empty()) out["exclude_files"] = webhook.detection.exclude_files;
  out["retention"] = {{"results_hours", hours_of(webhook.retention.results, 720)},
                      {"dedupe_hours", hours_of(webhook.ingest.dedupe_retention, 336)}};
  auto text = json::dump_yaml(out);
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

kube::types::ConfigMap build_webhook_config(const Context& context) {
  kube::types::ConfigMap out;
  out.metadata = child_metadata(context, context.names().webhook(), kWebhook);
  out.data["cadence.yml"] = webhook_configuration(context);
  return out;
}

}  // namespace cadence::resources
