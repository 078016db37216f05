// The configuration file: YAML, of which JSON is a part.
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>

#include "config/config.hpp"

namespace cadence::config {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Walks one document; keeps the first complaint, so that reading is a plain list of keys.
class Reader {
 public:
  Reader(const YAML::Node& root, const Environment& environment) : root_(root), environment_(environment) {}

  template <class T>
  void read(const std::string& key, T& into, const char* kind) {
    const auto node = find(key);
    if (!node || node.IsNull() || complaint_) return;
    try {
      if (!node.IsScalar()) throw YAML::Exception(node.Mark(), "");
      into = node.as<T>();
    } catch (const YAML::Exception&) {
      complain(key, std::string("must be ") + kind);
    }
  }
  void number(const std::string& key, std::int64_t& into) { read(key, into, "an integer"); }
  void number(const std::string& key, double& into) { read(key, into, "a number"); }
  void flag(const std::string& key, bool& into) { read(key, into, "true or false"); }
  void text(const std::string& key, std::string& into) {
    std::string raw;
    const auto node = find(key);
    if (!node || node.IsNull()) return;
    read(key, raw, "a string");
    if (complaint_) return;
    auto expanded = expand(raw, environment_);
    if (expanded) into = *expanded;
    else complain(key, expanded.error().message);
  }
  void texts(const std::string& key, std::vector<std::string>& into) { list(find(key), key, into); }

  void list(const YAML::Node& node, const std::string& key, std::vector<std::string>& into) {
    if (!node || node.IsNull() || complaint_) return;
    if (!node.IsSequence()) return complain(key, "must be a list of strings");
    into.clear();
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (!node[i].IsScalar()) return complain(key + "[" + std::to_string(i) + "]", "must be a string");
      into.push_back(node[i].Scalar());
    }
  }

  // A dotted key; an undefined node when any part is missing. Parts that are not maps are complaints.
  YAML::Node find(const std::string& key) {
    YAML::Node node;
    node.reset(root_);
    std::string path;
    std::stringstream parts(key);
    for (std::string part; std::getline(parts, part, '.');) {
      if (node.IsNull()) return YAML::Node(YAML::NodeType::Undefined);
      if (!node.IsMap()) {
        complain(path.empty() ? "the file" : path, "must be a map");
        return YAML::Node(YAML::NodeType::Undefined);
      }
      const YAML::Node next = static_cast<const YAML::Node&>(node)[part];
      if (!next) return YAML::Node(YAML::NodeType::Undefined);
      node.reset(next);
      path += (path.empty() ? "" : ".") + part;
    }
    return node;
  }

  void complain(const std::string& key, const std::string& why) {
    if (!complaint_) complaint_ = Error{ErrorKind::Invalid, key + " " + why};
  }
  [[nodiscard]] Result<void> outcome() const { return complaint_ ? Result<void>(*complaint_) : base::ok(); }
  [[nodiscard]] const Environment& environment() const { return environment_; }

 private:
  YAML::Node root_;
  const Environment& environment_;
  std::optional<Error> complaint_;
};

void read_secrets(Reader& reader, Config& config) {
  std::string single;
  reader.text("webhook.secret", single);
  if (!single.empty()) config.github_secrets.push_back({single, {}, {}});
  const std::string key = "webhook.secrets.github";
  const auto list = reader.find(key);
  if (!list || list.IsNull()) return;
  if (!list.IsSequence()) return reader.complain(key, "must be a list");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto at = key + "[" + std::to_string(i) + "]";
    Reader entry(list[i], reader.environment());
    SecretSource source;
    entry.text("value", source.value);
    entry.text("file", source.file);
    entry.texts("repositories", source.repositories);
    if (!entry.outcome()) return reader.complain(at, "is wrong: " + entry.outcome().error().message);
    if (source.value.empty() == source.file.empty()) return reader.complain(at, "must have either file or value");
    config.github_secrets.push_back(std::move(source));
  }
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
    const auto node = reader.find(section);
    if (!node || node.IsNull()) continue;
    if (!node.IsMap()) return reader.complain(section, "must be a map");
    for (const auto& entry : node) {
      const auto key = section + "." + entry.first.Scalar();
      bool is_enabled = true;
      reader.flag(key, is_enabled);
      if (!rules.strategies.set(entry.first.Scalar(), is_enabled)) reader.complain(key, "is not the name of a strategy");
    }
  }
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
  reader.number("webhook.queue_capacity", config.queue_capacity);
  reader.text("store", config.store);
  reader.texts("clone.allowed_hosts", config.allowed_hosts);
  reader.flag("clone.allow_private_networks", config.allow_private_networks);
  reader.number("clone.timeout_seconds", config.clone_timeout_seconds);
  reader.number("clone.max_repository_bytes", config.max_repository_bytes);
  reader.number("retention.results_hours", config.retention_results_hours);
  reader.number("retention.dedupe_hours", config.retention_dedupe_hours);
  reader.text("log.level", config.log_level);
  reader.text("log.format", config.log_format);
}

}  // namespace

Result<void> apply_yaml(Config& config, const std::string& text, const Environment& environment) {
  try {
    const auto root = YAML::Load(text);
    if (root.IsNull()) return base::ok();
    Reader reader(root, environment);
    read_server(reader, config);
    read_secrets(reader, config);
    read_detection(reader, config);
    return reader.outcome();
  } catch (const YAML::Exception& fault) {
    return Error{ErrorKind::Invalid, std::string("not YAML or JSON: ") + fault.what()};
  }
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
  return Error{ErrorKind::Invalid, "Could not use the configuration file " + path + ": its name must end in .yaml, .yml or .json"};
}

}  // namespace cadence::config
