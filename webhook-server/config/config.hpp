// Everything a user can set, as plain values: flag, then environment, then file, then default. Promises: a value of the
// wrong type or out of its range is an error that names its key, and its line in a file; unknown keys are ignored with
// a warning that names the nearest known one. Holds secrets: never print it whole.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/git/options.hpp"
#include "analysis/web/options.hpp"
#include "base/result.hpp"
#include "feedback/options.hpp"
#include "opinion/options.hpp"
#include "recovery/options.hpp"
#include "telemetry/options.hpp"

namespace cadence::config {

struct SecretSource {
  std::string value, file;  // one of them
  std::vector<std::string> repositories;
};

struct Config {
  std::string host = "0.0.0.0";
  std::int64_t port = 8000;
  // Of each sender by its name; which names there are is not known here.
  std::map<std::string, std::vector<SecretSource>, std::less<>> secrets;
  // One secret instead of all that were set, for the senders that upstream's server took it for.
  void use_secret(const std::string& value);
  // token, internal or open; empty: token where there is one, else open on loopback only
  std::string api_access;
  std::string api_token;                      // one that may do everything
  std::string api_tokens_folder;              // of files with tokens; read again while the server runs
  [[nodiscard]] bool is_api_closed() const;   // nobody reads or asks without a token
  std::int64_t api_requests_per_minute = 0;   // of one token or address; 0: any number
  std::vector<std::string> api_cors_origins;  // whose pages may read answers in a browser
  // Links to the pages of this server, for whoever has no token.
  std::string links_key_file;    // keys that sign them; read again while the server runs
  std::string links_public_url;  // how readers reach this server; no slash at the end
  std::int64_t links_valid_days = 30;
  std::int64_t workers = 4;
  std::int64_t read_timeout_seconds = 30, write_timeout_seconds = 30;
  std::int64_t drain_seconds = 5;
  std::int64_t max_body_bytes = 27262976;
  std::int64_t in_flight_bytes = 256 << 20;
  std::int64_t ack_deadline_seconds = 8;
  // reject, or spool_disk: what becomes of deliveries that the store did not take in time
  std::string on_store_unavailable = "reject";
  std::string spool_folder;
  std::int64_t spool_max_bytes = 1LL << 30;
  std::int64_t spool_drain_seconds = 30;  // from the end of service on, for the store to take what is spooled
  std::int64_t queue_capacity = 1000000;  // of waiting pushes
  std::vector<feedback::AccountOptions> feedback;
  [[nodiscard]] feedback::Options feedback_options() const;
  std::vector<recovery::HookOptions> reconcile;  // hooks whose deliveries are compared with the ledger
  std::int64_t reconcile_interval_seconds = 300;
  [[nodiscard]] recovery::Options recovery_options() const;
  std::int64_t api_queue_capacity = 200;  // of jobs that were asked for
  std::string store = "sqlite:cadence.db";
  std::string store_file;
  std::vector<std::string> redis_seeds;  // host:port of nodes of the shared cache; none: nothing is shared
  std::string redis_user = "default", redis_password_file;
  std::int64_t redis_timeout_ms = 5;  // an answer that takes longer is done without
  std::int64_t redis_lifetime_hours = 168;

  std::vector<std::string> allowed_hosts;
  bool allow_private_networks = false;
  std::int64_t clone_timeout_seconds = 120;
  std::int64_t max_repository_bytes = 2LL << 30;
  std::int64_t max_memory_bytes = 192LL << 20;  // of each process that fetches
  std::string credentials_folder;               // of git credential files; empty: none
  std::string cache_folder;                     // of cloned repositories; empty: below the temporary folder
  std::int64_t cache_max_bytes = 2LL << 30;     // 0: none stay

  analysis::git::AnalysisOptions analysis;
  analysis::web::StrategySwitches web_strategies;
  std::string user_agent = "cadence-ha/" CADENCE_VERSION;     // of page fetches
  [[nodiscard]] analysis::web::Options web_analysis() const;  // the same profile as for repositories
  opinion::Options ai;  // of the command line only: the server never calls a model
  std::int64_t retention_results_hours = 720, retention_dedupe_hours = 336;
  std::string log_level = "info", log_format = "text";
  telemetry::Options tracing;
};

// How a name is looked up in the environment; nothing when unset.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// Warnings are sentences for the log, here and below.
base::Result<void> apply_file(Config& config, const std::string& path, const Environment& environment,
                              std::vector<std::string>& warnings);
base::Result<void> apply_yaml(Config& config, const std::string& text, const Environment& environment,
                              std::vector<std::string>& warnings);
// Short names that platforms set, below everything else.
base::Result<void> apply_aliases(Config& config, const Environment& environment);
base::Result<void> apply_environment(Config& config, const Environment& environment,
                                     std::vector<std::string>& warnings);

// By any of its names, of repositories or of pages. False when no strategy has it.
bool switch_strategy(Config& config, std::string_view name, bool is_enabled);

// Rules over several values, and the bounds that keep the server sane.
base::Result<void> validate(const Config& config);
// Of them the bounds that need no other value.
base::Result<void> validate_ranges(const Config& config);
// Only what one analysis uses.
base::Result<void> validate_analysis(const Config& config);

// "${NAME}" in a text, replaced from the environment.
base::Result<std::string> expand(const std::string& text, const Environment& environment);

}  // namespace cadence::config
