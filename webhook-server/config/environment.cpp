#include <cstdlib>

#include "base/text.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"

namespace cadence::config {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// CADENCE_WEBHOOK_PORT; the dotted form CADENCE_WEBHOOK.PORT is what deployments of the older server use.
std::optional<std::string> look_up(const Environment& environment, const std::string& section, const std::string& key) {
  if (auto value = environment("CADENCE_" + section + "_" + key)) return value;
  return environment("CADENCE_" + section + "." + key);
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

// The thresholds go the way of the file, so that their types and keys are known in one place.
Result<void> apply_thresholds(Config& config, const Environment& environment, std::vector<std::string>& warnings) {
  for (const char* key :
       {"suspicious_additions", "suspicious_deletions", "max_additions_per_min", "max_deletions_per_min",
        "min_time_delta_seconds", "max_files_per_commit", "max_addition_ratio", "min_deletion_ratio",
        "min_commit_size_ratio", "enable_precision_analysis"}) {
    const auto value = look_up(environment, "THRESHOLDS", upper(key));
    if (!value) continue;
    const Document document{{{"thresholds", {{key, *value}}}}, {}};
    auto applied = apply_document(config, document, environment, warnings);
    if (!applied) return applied.error().with_context("Could not use CADENCE_THRESHOLDS_" + upper(key));
  }
  return base::ok();
}

// What OpenTelemetry names for every program. An empty value is none (its specification, "Empty value").
void apply_open_telemetry(telemetry::Options& tracing, const Environment& environment,
                          std::vector<std::string>& warnings) {
  const auto take = [&](const char* name, std::string& into) {
    if (auto value = environment(name); value && !value->empty()) into = std::move(*value);
  };
  take("OTEL_EXPORTER_OTLP_ENDPOINT", tracing.endpoint);
  take("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", tracing.traces_url);
  take("OTEL_EXPORTER_OTLP_HEADERS", tracing.headers);
  take("OTEL_EXPORTER_OTLP_TRACES_HEADERS", tracing.headers);
  take("OTEL_EXPORTER_OTLP_CERTIFICATE", tracing.ca_file);
  take("OTEL_SERVICE_NAME", tracing.service_name);
  std::string ratio, protocol, off, exporter;
  take("OTEL_TRACES_SAMPLER_ARG", ratio);
  if (!ratio.empty()) {
    char* end = nullptr;
    const double value = std::strtod(ratio.c_str(), &end);
    if (*end == '\0' && value >= 0 && value <= 1) tracing.sample_ratio = value;
    else warnings.push_back("OTEL_TRACES_SAMPLER_ARG was ignored: it must be a number from 0 to 1");
  }
  take("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
  take("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocol);
  if (protocol == "grpc")
    warnings.push_back("OTEL_EXPORTER_OTLP_PROTOCOL is grpc: spans go as JSON over HTTP, on port 4318 as a rule");
  take("OTEL_SDK_DISABLED", off);
  take("OTEL_TRACES_EXPORTER", exporter);
  if (base::to_lower(off) == "true" || exporter == "none") tracing.endpoint.clear(), tracing.traces_url.clear();
}

}  // namespace

Result<void> apply_aliases(Config& config, const Environment& environment) {
  if (auto secret = environment("WEBHOOK_SECRET"); secret && !secret->empty()) config.use_secret(*secret);
  if (auto workers = base::parse_integer(environment("MAX_WORKERS").value_or("")); workers && *workers > 0)
    config.workers = *workers;
  if (auto port = base::parse_integer(environment("PORT").value_or("")); port && *port > 0) config.port = *port;
  if (auto level = environment("LOG_LEVEL")) config.log_level = *level;
  return base::ok();
}

Result<void> apply_environment(Config& config, const Environment& environment, std::vector<std::string>& warnings) {
  if (auto secret = look_up(environment, "WEBHOOK", "SECRET"); secret && !secret->empty()) config.use_secret(*secret);
  if (auto token = environment("CADENCE_API_TOKEN"); token && !token->empty()) config.api_token = *token;
  if (auto host = look_up(environment, "WEBHOOK", "HOST"); host && !host->empty()) config.host = *host;
  struct Number {
    const char* key;
    std::int64_t* into;
  };
  for (const auto& [key, into] :
       {Number{"PORT", &config.port}, Number{"MAX_WORKERS", &config.workers},
        Number{"READ_TIMEOUT", &config.read_timeout_seconds}, Number{"WRITE_TIMEOUT", &config.write_timeout_seconds}}) {
    const auto text = look_up(environment, "WEBHOOK", key);
    if (!text) continue;
    const auto value = base::parse_integer(*text);
    // A Service named cadence-webhook makes the kubelet set CADENCE_WEBHOOK_PORT=tcp://…: not meant for us.
    if (!value && std::string_view(key) == "PORT") {
      warnings.push_back("CADENCE_WEBHOOK_PORT was ignored: it is not a plain integer");
      continue;
    }
    if (!value) return Error{ErrorKind::Invalid, std::string("CADENCE_WEBHOOK_") + key + " must be an integer"};
    if (*value > 0) *into = *value;
  }
  if (auto files = environment("CADENCE_EXCLUDE_FILES")) {
    config.analysis.exclude_files.clear();
    std::string separated = *files;
    for (const char* space : {" ", "\t", "\n"}) separated = base::replace_all(separated, space, ",");
    for (const auto& pattern : base::split(separated, ','))
      if (!pattern.empty()) config.analysis.exclude_files.push_back(pattern);
  }
  for (const auto& name : base::split(environment("CADENCE_STRATEGIES_DISABLED").value_or(""), ',')) {
    if (base::trim(name).empty()) continue;
    if (!switch_strategy(config, base::trim(name), false))
      return Error{ErrorKind::Invalid, "CADENCE_STRATEGIES_DISABLED names " + name + ", which is not a strategy"};
  }
  if (auto level = environment("CADENCE_LOG_LEVEL")) config.log_level = *level;
  apply_open_telemetry(config.tracing, environment, warnings);
  return apply_thresholds(config, environment, warnings);
}

}  // namespace cadence::config
