// The configuration file: YAML, of which JSON is a part.

#include "config/config.hpp"
#include "config/reader.hpp"
#include "files/files.hpp"
#include "json/yaml_lines.hpp"

namespace cadence::config {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// The list at `key`, each entry as `read_one` reads it.
template <class Entry>
void read_list(Reader& reader, const std::string& key, std::vector<Entry>& into,
               void (*read_one)(Reader&, const std::string& at, Entry&)) {
  const auto& list = reader.find(key);
  if (list.is_null()) return;
  if (!list.is_array()) return reader.complain(key, "must be a list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    Entry entry;
    read_one(reader, key + "[" + std::to_string(i) + "]", entry);
    if (!reader.outcome()) return;
    into.push_back(std::move(entry));
  }
}

void read_source(Reader& reader, const std::string& at, SecretSource& source) {
  reader.text(at + ".value", source.value);
  reader.text(at + ".file", source.file);
  reader.texts(at + ".repositories", source.repositories);
  if (reader.outcome() && source.value.empty() == source.file.empty())
    reader.complain(at, "must have either file or value");
}

void read_secrets(Reader& reader, Config& config) {
  std::string single;
  reader.text("webhook.secret", single);
  if (!single.empty()) config.use_secret(single);
  const std::string key = "webhook.secrets";
  const auto& senders = reader.find(key);
  if (senders.is_null()) return;
  if (!senders.is_object()) return reader.complain(key, "must be a map");
  for (const auto& [sender, list] : senders.items())
    read_list(reader, key + "." + sender, config.secrets[sender], read_source);
}

// Whose API, and what opens it.
template <class Entry>
void read_opening(Reader& reader, const std::string& at, Entry& entry) {
  reader.text(at + ".provider", entry.provider);
  reader.text(at + ".api_url", entry.api_url);
  reader.text(at + ".token_file", entry.token_file);
  reader.text(at + ".app.id", entry.app_id);
  reader.text(at + ".app.key_file", entry.app_key_file);
  reader.text(at + ".ca_file", entry.ca_file);
}

void read_account(Reader& reader, const std::string& at, feedback::AccountOptions& account) {
  read_opening(reader, at, account);
  reader.texts(at + ".repositories", account.repositories);
  if (!reader.find(at + ".fail_above").is_null()) reader.number(at + ".fail_above", account.fail_above.emplace());
}

void read_hook(Reader& reader, const std::string& at, recovery::HookOptions& hook) {
  read_opening(reader, at, hook);
  reader.texts(at + ".of", hook.of);
  reader.text(at + ".hook_url", hook.hook_url);
  reader.number(at + ".hook_id", hook.hook_id);
}

void read_detection(Reader& reader, Config& config) {
  auto& rules = config.analysis;
  auto& limits = rules.thresholds;
  reader.number("thresholds.suspicious_additions", limits.suspicious_additions);
  reader.number("thresholds.suspicious_deletions", limits.suspicious_deletions);
  reader.number("thresholds.max_additions_per_min", limits.max_additions_per_min);
  reader.number("thresholds.max_deletions_per_min", limits.max_deletions_per_min);
  reader.number("thresholds.min_time_delta_seconds", limits.min_time_delta_seconds);
  reader.number("thresholds.max_files_per_commit", limits.max_files_per_commit);
  reader.number("thresholds.max_addition_ratio", limits.max_addition_ratio);
  reader.number("thresholds.min_deletion_ratio", limits.min_deletion_ratio);
  reader.number("thresholds.min_commit_size_ratio", limits.min_commit_size_ratio);
  reader.flag("thresholds.enable_precision_analysis", limits.enable_precision_analysis);
  reader.texts("exclude_files", rules.exclude_files);

  std::string profile, quartiles;
  reader.text("detection.profile", profile);
  if (const auto chosen = analysis::git::profile_from(profile)) rules.profile = *chosen;
  else if (!profile.empty()) reader.complain("detection.profile", "must be corrected or upstream");
  reader.text("detection.quartiles", quartiles);
  rules.quartiles = quartiles.empty() ? rules.quartiles : analysis::git::quartiles_from(quartiles);
  if (!quartiles.empty() && !rules.quartiles) reader.complain("detection.quartiles", "must be sorted or unsorted");

  for (const std::string section : {"strategies", "detection.strategies"}) {
    const auto& node = reader.find(section);
    if (node.is_null()) continue;
    if (!node.is_object()) return reader.complain(section, "must be a map");
    for (const auto& [name, value] : node.items()) {
      const auto key = section + "." + name;
      bool is_enabled = true;
      reader.flag(key, is_enabled);
      if (!switch_strategy(config, name, is_enabled)) reader.complain(key, "is not the name of a strategy");
    }
  }
}

void read_ai(Reader& reader, opinion::Options& ai) {
  reader.flag("ai.enabled", ai.is_enabled);
  reader.text("ai.provider", ai.provider);
  reader.text("ai.base_url", ai.base_url);
  reader.text("ai.model", ai.model);
  reader.text("ai.api_key", ai.api_key);
  reader.text("ai.api_key_file", ai.api_key_file);
  reader.number("ai.timeout_seconds", ai.timeout_seconds);
  reader.number("ai.max_commits", ai.max_commits);
  reader.flag("ai.include_code", ai.include_code);
  reader.number("ai.max_tokens", ai.max_tokens);
}

void read_tracing(Reader& reader, telemetry::Options& tracing) {
  reader.text("tracing.endpoint", tracing.endpoint);
  reader.text("tracing.headers_file", tracing.headers_file);
  reader.text("tracing.ca_file", tracing.ca_file);
  reader.text("tracing.service_name", tracing.service_name);
  reader.number("tracing.sample_ratio", tracing.sample_ratio);
}

void read_server(Reader& reader, Config& config) {
  reader.text("webhook.host", config.host);
  reader.number("webhook.port", config.port);
  reader.number("webhook.max_workers", config.workers);
  if (config.workers < 1) config.workers = 4;
  reader.number("webhook.read_timeout", config.read_timeout_seconds);
  reader.number("webhook.write_timeout", config.write_timeout_seconds);
  if (config.read_timeout_seconds == 0) config.read_timeout_seconds = 30;
  if (config.write_timeout_seconds == 0) config.write_timeout_seconds = 30;
  reader.number("webhook.drain_seconds", config.drain_seconds);
  reader.number("webhook.max_body_bytes", config.max_body_bytes);
  reader.number("webhook.in_flight_bytes", config.in_flight_bytes);
  reader.number("webhook.ack_deadline_seconds", config.ack_deadline_seconds);
  reader.text("webhook.on_store_unavailable", config.on_store_unavailable);
  reader.text("webhook.spool.folder", config.spool_folder);
  reader.number("webhook.spool.max_bytes", config.spool_max_bytes);
  reader.number("webhook.spool.drain_seconds", config.spool_drain_seconds);
  reader.number("webhook.queue_capacity", config.queue_capacity);
  reader.number("webhook.api.queue_capacity", config.api_queue_capacity);
  reader.text("webhook.api.access", config.api_access);
  reader.text("webhook.api.token", config.api_token);
  reader.text("webhook.api.tokens_folder", config.api_tokens_folder);
  reader.number("webhook.api.requests_per_minute", config.api_requests_per_minute);
  reader.texts("webhook.api.cors_origins", config.api_cors_origins);
  reader.text("webhook.links.key_file", config.links_key_file);
  reader.text("webhook.links.public_url", config.links_public_url);
  while (config.links_public_url.ends_with('/')) config.links_public_url.pop_back();
  reader.number("webhook.links.valid_days", config.links_valid_days);
  reader.text("store", config.store);
  reader.texts("redis.seeds", config.redis_seeds);
  reader.text("redis.user", config.redis_user);
  reader.text("redis.password_file", config.redis_password_file);
  reader.number("redis.timeout_ms", config.redis_timeout_ms);
  reader.number("redis.lifetime_hours", config.redis_lifetime_hours);
  reader.texts("clone.allowed_hosts", config.allowed_hosts);
  reader.flag("clone.allow_private_networks", config.allow_private_networks);
  reader.number("clone.timeout_seconds", config.clone_timeout_seconds);
  reader.number("clone.max_repository_bytes", config.max_repository_bytes);
  reader.number("clone.max_memory_bytes", config.max_memory_bytes);
  reader.text("clone.credentials_folder", config.credentials_folder);
  reader.text("clone.cache.folder", config.cache_folder);
  reader.number("clone.cache.max_bytes", config.cache_max_bytes);
  reader.text("page.user_agent", config.user_agent);
  reader.number("retention.results_hours", config.retention_results_hours);
  reader.number("retention.dedupe_hours", config.retention_dedupe_hours);
  reader.text("log.level", config.log_level);
  reader.text("log.format", config.log_format);
}

// What upstream's files may hold and this server has no use for.
void pass_over(Reader& reader) {
  for (const char* key : {"webhook.enabled", "cache.enabled", "cache.ttl"}) (void)reader.find(key);
}

}  // namespace

Result<void> apply_document(Config& config, const Document& document, const Environment& environment,
                            std::vector<std::string>& warnings) {
  Reader reader(document, environment);
  read_server(reader, config);
  read_secrets(reader, config);
  read_list(reader, "webhook.feedback", config.feedback, read_account);
  reader.number("webhook.reconcile.interval_seconds", config.reconcile_interval_seconds);
  read_list(reader, "webhook.reconcile.hooks", config.reconcile, read_hook);
  read_detection(reader, config);
  read_ai(reader, config.ai);
  read_tracing(reader, config.tracing);
  pass_over(reader);
  for (const auto& sentence : reader.unknown()) warnings.push_back(sentence);
  if (!reader.outcome()) return reader.outcome();
  const auto checked = validate_ranges(config);
  if (checked) return checked;
  const auto& [kind, message] = checked.error();
  return Error{kind, reader.place_of(message.substr(0, message.find(' '))) + message};
}

Result<void> apply_yaml(Config& config, const std::string& text, const Environment& environment,
                        std::vector<std::string>& warnings) {
  auto root = json::parse_yaml_as_text(text);
  if (!root) return root.error();
  return apply_document(config, {std::move(*root), json::yaml_lines(text)}, environment, warnings);
}

Result<void> apply_file(Config& config, const std::string& path, const Environment& environment,
                        std::vector<std::string>& warnings) {
  for (const char* kind : {".yaml", ".yml", ".json"}) {
    if (!path.ends_with(kind)) continue;
    const auto text = files::read(path);
    if (!text) return text.error().with_context("Could not use the configuration file");
    std::vector<std::string> found;
    auto applied = apply_yaml(config, *text, environment, found);
    for (const auto& sentence : found) warnings.push_back(path + ", " + sentence);
    return applied ? applied : applied.error().with_context("Could not use the configuration file " + path);
  }
  return Error{ErrorKind::Invalid,
               "Could not use the configuration file " + path + ": its name must end in .yaml, .yml or .json"};
}

}  // namespace cadence::config
