#include "config/command_line.hpp"

#include <CLI/CLI.hpp>
#include <fstream>

#include "base/quantity.hpp"
#include "base/text.hpp"

namespace cadence::config {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

struct Flags {
  std::string config, listen, host, secret, store, store_file, timeout, log_level, log_format;
  std::int64_t port = 0, workers = 0, read_timeout = 0, write_timeout = 0;
};

void add_flags(CLI::App& serve, Flags& flags) {
  serve.add_option("--config", flags.config, "configuration file (YAML or JSON)")->type_name("FILE");
  serve.add_option("--listen", flags.listen, "address to listen on (0.0.0.0:8000)")->type_name("HOST:PORT");
  serve.add_option("--host", flags.host, "host part of --listen");
  serve.add_option("-p,--port", flags.port, "port part of --listen");
  serve.add_option("--store", flags.store, "postgres://… or sqlite:FILE (sqlite:cadence.db)")->type_name("ADDRESS");
  serve.add_option("--store-file", flags.store_file, "file that holds the store's address, read on each connection")->type_name("FILE");
  serve.add_option("--secret", flags.secret, "webhook secret; prefer CADENCE_WEBHOOK_SECRET: arguments are visible to others");
  serve.add_option("--workers", flags.workers, "analyses at once (4)");
  serve.add_option("--read-timeout", flags.read_timeout, "seconds (30)");
  serve.add_option("--write-timeout", flags.write_timeout, "seconds (30)");
  serve.add_option("--timeout", flags.timeout, "both time-outs, as 30s or 1m")->type_name("DURATION");
  serve.add_option("--log-level", flags.log_level, "debug, info, warn or error");
  serve.add_option("--log-format", flags.log_format, "text or json");
}

Result<void> apply_listen(Config& config, const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : base::parse_integer(listen.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return Error{ErrorKind::Invalid, "--listen must be HOST:PORT"};
  auto host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  config.host = host.empty() ? "0.0.0.0" : host;
  config.port = *port;
  return base::ok();
}

Result<void> apply_flags(Config& config, const Flags& flags) {
  if (!flags.listen.empty())
    if (auto applied = apply_listen(config, flags.listen); !applied) return applied;
  if (!flags.host.empty()) config.host = flags.host;
  if (flags.port > 0) config.port = flags.port;
  if (!flags.secret.empty()) config.github_secrets = {{flags.secret, {}, {}}};
  if (flags.workers > 0) config.workers = flags.workers;
  if (!flags.timeout.empty()) {
    const auto timeout = base::parse_duration(flags.timeout);
    if (!timeout || timeout->count() < 1000) return Error{ErrorKind::Invalid, "--timeout must be a duration of at least 1s"};
    config.read_timeout_seconds = config.write_timeout_seconds = timeout->count() / 1000;
  }
  if (flags.read_timeout > 0) config.read_timeout_seconds = flags.read_timeout;
  if (flags.write_timeout > 0) config.write_timeout_seconds = flags.write_timeout;
  if (!flags.store.empty()) config.store = flags.store;
  config.store_file = flags.store_file;
  if (!flags.log_level.empty()) config.log_level = flags.log_level;
  if (!flags.log_format.empty()) config.log_format = flags.log_format;
  return base::ok();
}

std::string config_path(const Flags& flags, const Environment& environment) {
  if (!flags.config.empty()) return flags.config;
  if (auto path = environment("CADENCE_CONFIG"); path && !path->empty()) return *path;
  return std::ifstream(".cadence.yaml") ? ".cadence.yaml" : "";
}

Result<void> assemble(CommandLine& line, const Flags& flags, const Environment& environment) {
  auto& config = line.config;
  if (auto applied = apply_aliases(config, environment); !applied) return applied;
  if (const auto path = config_path(flags, environment); !path.empty()) {
    // A secret of the file replaces the alias instead of standing beside it.
    const auto aliases = std::exchange(config.github_secrets, {});
    if (auto applied = apply_file(config, path, environment); !applied) return applied;
    if (config.github_secrets.empty()) config.github_secrets = aliases;
  }
  if (auto applied = apply_environment(config, environment, line.warnings); !applied) return applied;
  if (auto applied = apply_flags(config, flags); !applied) return applied;
  return validate(config);
}

}  // namespace

CommandLine read_command_line(std::vector<std::string> arguments, const Environment& environment) {
  CommandLine line;
  // "cadence webhook …" is how the older server is called.
  if (!arguments.empty() && arguments.front() == "webhook") arguments.erase(arguments.begin());
  const bool is_bare = arguments.empty() || (arguments.front().starts_with("-") && arguments.front() != "--version" &&
                                             arguments.front() != "--help" && arguments.front() != "-h");
  if (is_bare) arguments.insert(arguments.begin(), "serve");

  Flags flags;
  CLI::App app("Cadence webhook server: receives signed pushes, analyses them, keeps the results.", "cadence-webhook");
  app.set_version_flag("--version", std::string("cadence-webhook ") + CADENCE_VERSION);
  auto* serve = app.add_subcommand("serve", "run the server (what happens without a command, too)");
  app.require_subcommand(1);
  add_flags(*serve, flags);
  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
  } catch (const CLI::Success& done) {
    std::ostringstream out;
    app.exit(done, out, out);
    return {0, out.str(), {}, {}};
  } catch (const CLI::ParseError& wrong) {
    return {2, "cadence-webhook: " + std::string(wrong.what()) + " (--help tells the usage)\n", {}, {}};
  }
  if (auto assembled = assemble(line, flags, environment); !assembled)
    return {1, "cadence-webhook: " + assembled.error().message + "\n", {}, {}};
  return line;
}

}  // namespace cadence::config
