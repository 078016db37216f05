#include "config/config.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::config {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

Result<void> in_range(const char* key, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return base::ok();
  return Error{ErrorKind::Invalid,
               std::string(key) + " must be between " + std::to_string(low) + " and " + std::to_string(high)};
}

struct Range {
  const char* key;
  std::int64_t value, low, high;
};

Result<void> in_ranges(std::initializer_list<Range> ranges) {
  for (const auto& range : ranges)
    if (auto checked = in_range(range.key, range.value, range.low, range.high); !checked) return checked;
  return base::ok();
}

}  // namespace

void Config::use_secret(const std::string& value) {
  for (const char* sender : {"github", "gitlab"}) secrets[sender] = {{value, {}, {}}};
}

bool Config::is_api_closed() const {
  return api_access == "token" || (api_access.empty() && (!api_token.empty() || !api_tokens_folder.empty()));
}

analysis::web::Options Config::web_analysis() const {
  const bool is_upstream = analysis.profile == analysis::git::Profile::Upstream;
  return {is_upstream ? analysis::web::Profile::Upstream : analysis::web::Profile::Corrected, web_strategies};
}

feedback::Options Config::feedback_options() const { return {feedback, allowed_hosts, allow_private_networks}; }

recovery::Options Config::recovery_options() const {
  return {reconcile, reconcile_interval_seconds, allowed_hosts, allow_private_networks};
}

bool switch_strategy(Config& config, std::string_view name, bool is_enabled) {
  return config.analysis.strategies.set(name, is_enabled) || config.web_strategies.set(name, is_enabled);
}

namespace {

Result<void> validate_access(const Config& config) {
  constexpr std::size_t kShortest = 16;
  const auto refuse = [](const std::string& why) { return Error{ErrorKind::Invalid, why}; };
  const auto& access = config.api_access;
  if (!access.empty() && access != "token" && access != "internal" && access != "open")
    return refuse("webhook.api.access must be token, internal or open");
  if (!config.api_token.empty() && config.api_token.size() < kShortest)
    return refuse("CADENCE_API_TOKEN (webhook.api.token) must have at least 16 characters");
  const bool has_tokens = !config.api_token.empty() || !config.api_tokens_folder.empty();
  if (access == "token" && !has_tokens)
    return refuse("webhook.api.access is token, but there is none: set CADENCE_API_TOKEN or webhook.api.tokens_folder");
  const bool is_loopback = config.host == "localhost" || config.host == "::1" || config.host.starts_with("127.");
  if (access.empty() && !has_tokens && !is_loopback)
    return refuse("Anybody who reaches " + config.host +
                  " could read jobs and start analyses: set CADENCE_API_TOKEN to a secret of at least 16 characters, "
                  "or listen on "
                  "127.0.0.1 (--host 127.0.0.1), or say webhook.api.access: open in the configuration file");
  return base::ok();
}

bool is_origin(const std::string& text) {
  const auto scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return scheme != 0 && text.size() > static_cast<std::size_t>(scheme) &&
         text.find_first_of("/ ?#@,\r\n\t", scheme) == std::string::npos;
}

Result<void> validate_origins(const Config& config) {
  for (const auto& origin : config.api_cors_origins)
    if (origin != "*" && !is_origin(origin))
      return Error{
          ErrorKind::Invalid,
          "webhook.api.cors_origins must be of the form https://host or https://host:port, or *: not " + origin};
  return base::ok();
}

// What goes into a status of a git host, and from there to everybody who may read it.
Result<void> validate_links(const Config& config) {
  const auto refuse = [](const std::string& why) { return Error{ErrorKind::Invalid, why}; };
  const auto& url = config.links_public_url;
  if (url.empty())
    return config.links_key_file.empty()
               ? base::ok()
               : refuse("webhook.links.key_file is set: say in webhook.links.public_url how readers reach this server");
  const auto scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  const bool is_plain = std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c <= '~' && std::string_view("?#@\"<>'`").find(c) == std::string_view::npos;
  });
  if (scheme == 0 || url.find_first_not_of('/', scheme) != static_cast<std::size_t>(scheme) || !is_plain)
    return refuse("webhook.links.public_url must be http:// or https://, a host, and no user, query or fragment");
  return base::ok();
}

Result<void> validate_spool(const Config& config) {
  const auto refuse = [](const std::string& why) { return Error{ErrorKind::Invalid, why}; };
  const auto& policy = config.on_store_unavailable;
  if (policy == "spool_redis")
    return refuse("webhook.on_store_unavailable: spool_redis is not built yet; reject and spool_disk are");
  if (policy != "reject" && policy != "spool_disk")
    return refuse("webhook.on_store_unavailable must be reject or spool_disk");
  if (policy == "spool_disk" && config.spool_folder.empty())
    return refuse("webhook.on_store_unavailable is spool_disk: say in webhook.spool.folder where");
  return base::ok();
}

bool is_seed(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || text.find_first_of("/@ ") != std::string::npos) return false;
  const auto port = base::parse_integer(text.substr(colon + 1)).value_or(0);
  return port >= 1 && port <= 65535;
}

Result<void> validate_redis(const Config& config) {
  for (const auto& seed : config.redis_seeds) {
    if (!is_seed(seed))
      return Error{ErrorKind::Invalid, "redis.seeds must be host:port each, and '" + seed + "' is not"};
  }
  return in_ranges({{"redis.timeout_ms", config.redis_timeout_ms, 1, 1000},
                    {"redis.lifetime_hours", config.redis_lifetime_hours, 1, 24 * 366}});
}

}  // namespace

Result<void> validate_ranges(const Config& config) {
  return in_ranges({
      {"webhook.port", config.port, 0, 65535},
      {"webhook.max_workers", config.workers, 1, 256},
      {"webhook.read_timeout", config.read_timeout_seconds, 1, 3600},
      {"webhook.write_timeout", config.write_timeout_seconds, 1, 3600},
      {"webhook.drain_seconds", config.drain_seconds, 0, 30},
      {"webhook.max_body_bytes", config.max_body_bytes, 1024, 1LL << 30},
      {"webhook.in_flight_bytes", config.in_flight_bytes, config.max_body_bytes, 1LL << 40},
      {"webhook.ack_deadline_seconds", config.ack_deadline_seconds, 1, 60},
      {"webhook.spool.max_bytes", config.spool_max_bytes, 1 << 20, 1LL << 50},
      {"webhook.spool.drain_seconds", config.spool_drain_seconds, 0, 24 * 3600},
      {"webhook.queue_capacity", config.queue_capacity, 1, 100000000},
      {"webhook.api.queue_capacity", config.api_queue_capacity, 1, 100000},
      {"webhook.api.requests_per_minute", config.api_requests_per_minute, 0, 1000000},
      {"webhook.links.valid_days", config.links_valid_days, 1, 3660},
      {"clone.timeout_seconds", config.clone_timeout_seconds, 1, 300},
      {"clone.max_repository_bytes", config.max_repository_bytes, 1, 1LL << 50},
      {"clone.max_memory_bytes", config.max_memory_bytes, 64LL << 20, 1LL << 50},
      {"clone.cache.max_bytes", config.cache_max_bytes, 0, 1LL << 50},
      {"retention.results_hours", config.retention_results_hours, 1, 24 * 3660},
      {"retention.dedupe_hours", config.retention_dedupe_hours, 1, 24 * 3660},
      {"ai.timeout_seconds", config.ai.timeout_seconds, 1, 300},
      {"ai.max_commits", config.ai.max_commits, 1, 100},
      {"ai.max_tokens", config.ai.max_tokens, 16, 16384},
  });
}

Result<void> validate_analysis(const Config& config) {
  if (auto checked = validate_ranges(config); !checked) return checked;
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (config.user_agent.empty() || config.user_agent.size() > 200 ||
      !std::all_of(config.user_agent.begin(), config.user_agent.end(), is_printable))
    return Error{ErrorKind::Invalid, "page.user_agent must be 1 to 200 printable ASCII characters"};
  return analysis::git::validate(config.analysis.thresholds);
}

Result<void> validate(const Config& config) {
  if (auto checked = validate_ranges(config); !checked) return checked;
  constexpr std::size_t kMostSecrets = 32;  // each is tried on every delivery
  std::size_t count = 0;
  for (const auto& [sender, list] : config.secrets) {
    count += list.size();
    if (list.size() > kMostSecrets)
      return Error{ErrorKind::Invalid, "webhook.secrets." + sender + " must have at most 32 entries"};
  }
  if (count == 0)
    return Error{ErrorKind::Invalid,
                 "No webhook secret is set: use --secret, CADENCE_WEBHOOK_SECRET, webhook.secret or webhook.secrets"};
  if (auto checked_access = validate_access(config); !checked_access) return checked_access;
  if (auto checked_origins = validate_origins(config); !checked_origins) return checked_origins;
  if (auto checked_links = validate_links(config); !checked_links) return checked_links;
  if (auto checked_spool = validate_spool(config); !checked_spool) return checked_spool;
  if (auto checked_redis = validate_redis(config); !checked_redis) return checked_redis;
  if (auto checked_tracing = telemetry::validate(config.tracing); !checked_tracing) return checked_tracing;
  if (auto checked_feedback = feedback::validate(config.feedback_options()); !checked_feedback) return checked_feedback;
  if (auto checked_hooks = recovery::validate(config.recovery_options()); !checked_hooks) return checked_hooks;
  return validate_analysis(config);
}

Result<std::string> expand(const std::string& text, const Environment& environment) {
  std::string expanded;
  std::size_t at = 0;
  for (;;) {
    const auto begin = text.find("${", at);
    const auto end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) return expanded + text.substr(at);
    const auto name = text.substr(begin + 2, end - begin - 2);
    const auto value = environment(name);
    if (!value) return Error{ErrorKind::Invalid, "names ${" + name + "}, which is not set in the environment"};
    expanded += text.substr(at, begin - at) + *value;
    at = end + 1;
  }
}

}  // namespace cadence::config
