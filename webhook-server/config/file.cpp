// The configuration file: YAML, of which JSON is a part.
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "config/config.hpp"
#include "json/value.hpp"

namespace cadence::config {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Every scalar arrives as the text that was written; what it has to be is said by the key that is read.
bool convert(const std::string& text, std::int64_t& into) {
  const auto value = base::parse_integer(text);
  if (value) into = *value;
  return value.has_value();
}
bool convert(const std::string& text, double& into) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return false;
  into = value;
  return true;
}
bool convert(const std::string& text, bool& into) {
  const auto word = base::to_lower(text);
  const bool is_yes = word == "true" || word == "yes" || word == "on" || word == "y";
  const bool is_no = word == "false" || word == "no" || word == "off" || word == "n";
  if (is_yes || is_no) into = is_yes;
  return is_yes || is_no;
}

// Walks one document; keeps the first complaint, so that reading is a plain list of keys.
class Reader {
 public:
  Reader(const json::Value& root, const Environment& environment) : root_(root), environment_(environment) {}

  void number(const std::string& key, std::int64_t& into) { read(key, into, "must be an integer"); }
  void number(const std::string& key, double& into) { read(key, into, "must be a number"); }
  void flag(const std::string& key, bool& into) { read(key, into, "must be true or false"); }
  void text(const std::string& key, std::string& into) {
    const auto& node = find(key);
    if (node.is_null() || complaint_) return;
    if (!node.is_string()) return complain(key, "must be a string");
    auto expanded = expand(node.get_ref<const std::string&>(), environment_);
    if (expanded) into = *expanded;
    else complain(key, expanded.error().message);
  }
  void texts(const std::string& key, std::vector<std::string>& into) {
    const auto& node = find(key);
    if (node.is_null() || complaint_) return;
    if (!node.is_array()) return complain(key, "must be a list of strings");
    into.clear();
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (!node[i].is_string()) return complain(key + "[" + std::to_string(i) + "]", "must be a string");
      into.push_back(node[i].get<std::string>());
    }
  }

  // A dotted key; null when any part is missing. Parts that are not maps are complaints.
  const json::Value& find(const std::string& key) {
    static const json::Value none;
    const auto* node = &root_;
    std::string path;
    for (const auto& part : base::split(key, '.')) {
      if (node->is_null()) return none;
      if (!node->is_object()) {
        complain(path.empty() ? "the file" : path, "must be a map");
        return none;
      }
      const auto next = node->find(part);
      if (next == node->end()) return none;
      node = &*next;
      path += (path.empty() ? "" : ".") + part;
    }
    return *node;
  }

  void complain(const std::string& key, const std::string& why) {
    if (!complaint_) complaint_ = Error{ErrorKind::Invalid, key + " " + why};
  }
  [[nodiscard]] Result<void> outcome() const { return complaint_ ? Result<void>(*complaint_) : base::ok(); }
  [[nodiscard]] const Environment& environment() const { return environment_; }

 private:
  template <class T>
  void read(const std::string& key, T& into, const char* rule) {
    const auto& node = find(key);
    if (node.is_null() || complaint_) return;
    if (!node.is_string() || !convert(node.get_ref<const std::string&>(), into)) complain(key, rule);
  }

  const json::Value& root_;
  const Environment& environment_;
  std::optional<Error> complaint_;
};

void read_secrets_of(Reader& reader, const std::string& key, std::vector<SecretSource>& into) {
  const auto& list = reader.find(key);
  if (list.is_null()) return;
  if (!list.is_array()) return reader.complain(key, "must be a list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto at = key + "[" + std::to_string(i) + "]";
    Reader entry(list[i], reader.environment());
    SecretSource source;
    entry.text("value", source.value);
    entry.text("file", source.file);
    entry.texts("repositories", source.repositories);
    if (!entry.outcome()) return reader.complain(at, "is wrong: " + entry.outcome().error().message);
    if (source.value.empty() == source.file.empty()) return reader.complain(at, "must have either file or value");
    into.push_back(std::move(source));
  }
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
    read_secrets_of(reader, key + "." + sender, config.secrets[sender]);
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
  reader.text("store", config.store);
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

}  // namespace

Result<void> apply_yaml(Config& config, const std::string& text, const Environment& environment) {
  const auto root = json::parse_yaml_as_text(text);
  if (!root) return root.error();
  if (root->is_null()) return base::ok();
  Reader reader(*root, environment);
  read_server(reader, config);
  read_secrets(reader, config);
  read_detection(reader, config);
  read_ai(reader, config.ai);
  return reader.outcome();
}

Result<void> apply_file(Config& config, const std::string& path, const Environment& environment) {
  for (const char* kind : {".yaml", ".yml", ".json"}) {
    if (!path.ends_with(kind)) continue;
    std::ifstream file(path);
    if (!file) return Error{ErrorKind::NotFound, "Could not read the configuration file " + path};
    std::stringstream text;
    text << file.rdbuf();
    auto applied = apply_yaml(config, text.str(), environment);
    return applied ? applied : applied.error().with_context("Could not use the configuration file " + path);
  }
  return Error{ErrorKind::Invalid,
               "Could not use the configuration file " + path + ": its name must end in .yaml, .yml or .json"};
}

}  // namespace cadence::config
