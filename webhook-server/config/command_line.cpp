#include "config/command_line.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
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
  serve.add_option("--store-file", flags.store_file, "file that holds the store's address, read on each connection")
      ->type_name("FILE");
  serve.add_option("--secret", flags.secret,
                   "webhook secret; prefer CADENCE_WEBHOOK_SECRET: arguments are visible to others");
  serve.add_option("--workers", flags.workers, "analyses at once (4)");
  serve.add_option("--read-timeout", flags.read_timeout, "seconds (30)");
  serve.add_option("--write-timeout", flags.write_timeout, "seconds (30)");
  serve.add_option("--timeout", flags.timeout, "both time-outs, as 30s or 1m")->type_name("DURATION");
  serve.add_option("--log-level", flags.log_level, "debug, info, warn or error");
  serve.add_option("--log-format", flags.log_format, "text or json");
}

struct AnalyzeFlags {
  AnalyzeLine line;
  std::string kind, format = "text", profile, quartiles;
  bool allows_private = false, asks_for_opinion = false;
};

// The help names the values; the check's own description would name them twice.
CLI::Validator one_of(std::initializer_list<const char*> words) {
  return CLI::IsMember(std::vector<std::string>(words.begin(), words.end())).description("");
}

// An empty answer of CLI11's check means that it passed.
CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  return {[low, high](std::string& text) -> std::string {
            const auto number = base::parse_integer(text);
            if (!number) return text + " is not a whole number";
            return *number >= low && *number <= high
                       ? ""
                       : text + " is not within " + std::to_string(low) + " to " + std::to_string(high);
          },
          ""};
}

CLI::Validator per_cent() {
  return {[](std::string& text) -> std::string {
            double number = 0;
            const auto* end = text.data() + text.size();
            const auto [rest, failure] = std::from_chars(text.data(), end, number);
            if (failure != std::errc() || rest != end || std::isnan(number)) return text + " is not a number";
            return number >= 0 && number <= 100 ? "" : text + " is not within 0 to 100";
          },
          ""};
}

void add_analyze_flags(CLI::App& analyze, Flags& shared, AnalyzeFlags& flags) {
  auto& line = flags.line;
  analyze.add_option("target", line.target, "folder of a repository, or a URL")->required()->type_name("PATH|URL");
  const auto option = [&](const char* name, auto& into, const char* type, const char* what) {
    return analyze.add_option(name, into, what)->type_name(type);
  };
  option("--type", flags.kind, "TYPE", "repository or website; see below")->check(one_of({"repository", "website"}));
  option("-f,--format", flags.format, "FORMAT", "text, json, yaml or html")
      ->check(one_of({"text", "json", "yaml", "html"}));
  option("-o,--output", line.output, "FILE", "write to FILE, whole or not at all");
  option("--config", shared.config, "FILE", "the server's file; its analysis counts");
  option("--branch", line.branch, "NAME", "analyse this branch");
  option("--commit", line.commit, "HASH", "analyse the history of this commit");
  option("--profile", flags.profile, "NAME", "corrected or upstream")->check(one_of({"corrected", "upstream"}));
  option("--quartiles", flags.quartiles, "NAME", "sorted or unsorted")->check(one_of({"sorted", "unsorted"}));
  option("--threads", line.threads, "N", "threads; one a processor unless given")->check(whole_number(1, 256));
  option("--rows", line.rows, "N", "flagged commits shown in text and html")->check(whole_number(1, 100000));
  option("--fail-above", line.fail_above, "PERCENT", "exit 3 when more than this is suspicious")->check(per_cent());
  option("--fail-on", line.fail_on, "SEVERITY", "exit 3 on low, medium or high findings")
      ->check(one_of({"low", "medium", "high"}));
  analyze.add_flag("--allow-private-networks", flags.allows_private, "fetch from private addresses");
  analyze.add_flag("--opinion", flags.asks_for_opinion, "ask a model, too (ai.* in --config)");
  analyze.add_flag("-q,--quiet", line.is_quiet, "no progress");
  analyze.footer(
      "Repositories: folders, git:, ssh: and file: URLs, those ending in .git, and\n"
      "OWNER/NAME on GitHub, GitLab, Codeberg, Bitbucket. Other URLs are web pages.\n"
      "Exit code: 0 done, 1 failed, 2 wrong use, 3 beyond --fail-…, 130 interrupted.");
}

Format format_of(const std::string& name) {
  return name == "json" ? Format::Json : name == "yaml" ? Format::Yaml : name == "html" ? Format::Html : Format::Text;
}

Kind kind_of(const std::string& name) {
  return name == "repository" ? Kind::Repository : name == "website" ? Kind::Website : Kind::Auto;
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
  if (!flags.secret.empty()) config.use_secret(flags.secret);
  if (flags.workers > 0) config.workers = flags.workers;
  if (!flags.timeout.empty()) {
    const auto timeout = base::parse_duration(flags.timeout);
    if (!timeout || timeout->count() < 1000)
      return Error{ErrorKind::Invalid, "--timeout must be a duration of at least 1s"};
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

// A server finds its file where it is started, too. What is analysed is often where `analyze` is started: a stranger's
// file there would say what counts, and where secrets go.
std::string config_path(const Flags& flags, const Environment& environment, bool is_server) {
  if (!flags.config.empty()) return flags.config;
  if (auto path = environment("CADENCE_CONFIG"); path && !path->empty()) return *path;
  return is_server && std::ifstream(".cadence.yaml") ? ".cadence.yaml" : "";
}

Result<void> apply_analyze_flags(CommandLine& line, const AnalyzeFlags& flags, const Environment& environment) {
  auto& rules = line.config.analysis;
  if (const auto profile = analysis::git::profile_from(flags.profile)) rules.profile = *profile;
  if (const auto quartiles = analysis::git::quartiles_from(flags.quartiles)) rules.quartiles = *quartiles;
  line.analyze = flags.line;
  line.analyze->format = format_of(flags.format);
  line.analyze->kind = kind_of(flags.kind);
  if (flags.asks_for_opinion) line.config.ai.is_enabled = true;
  if (const auto key = environment("CADENCE_AI_API_KEY"); key && !key->empty()) line.config.ai.api_key = *key;
  if (flags.allows_private) line.config.allow_private_networks = true;
  return validate_analysis(line.config);
}

Result<void> assemble(CommandLine& line, const Flags& flags, const Environment& environment, bool is_server) {
  auto& config = line.config;
  if (auto applied = apply_aliases(config, environment); !applied) return applied;
  if (const auto path = config_path(flags, environment, is_server); !path.empty()) {
    // A secret of the file replaces the alias instead of standing beside it.
    const auto aliases = std::exchange(config.secrets, {});
    if (auto applied = apply_file(config, path, environment, line.warnings); !applied) return applied;
    if (config.secrets.empty()) config.secrets = aliases;
  }
  if (auto applied = apply_environment(config, environment, line.warnings); !applied) return applied;
  return apply_flags(config, flags);
}

CommandLine failure(int exit_code, const std::string& why) {
  return {exit_code, "cadence-webhook: " + why + "\n", {}, {}, {}};
}

}  // namespace

CommandLine read_command_line(std::vector<std::string> arguments, const Environment& environment) {
  CommandLine line;
  // "cadence webhook …" is how the older server is called.
  if (!arguments.empty() && arguments.front() == "webhook") arguments.erase(arguments.begin());
  const bool is_bare = arguments.empty() || (arguments.front().starts_with("-") && arguments.front() != "--version" &&
                                             arguments.front() != "--help" && arguments.front() != "-h");
  if (is_bare) arguments.insert(arguments.begin(), "serve");
  // CLI11 would say that a command is required, which is not so.
  if (const auto& first = arguments.front(); !first.starts_with('-') && first != "serve" && first != "analyze")
    return failure(2, "There is no command " + first + ". The commands are serve and analyze (--help tells the usage)");

  Flags flags;
  CLI::App app("Cadence webhook server: receives signed pushes, analyses them, keeps the results.", "cadence-webhook");
  app.set_version_flag("--version", std::string("cadence-webhook ") + CADENCE_VERSION);
  auto* serve = app.add_subcommand("serve", "run the server (what happens without a command, too)");
  app.require_subcommand(1);
  add_flags(*serve, flags);
  AnalyzeFlags analyze_flags;
  auto* analyze = app.add_subcommand("analyze", "analyse one repository or web page and report");
  add_analyze_flags(*analyze, flags, analyze_flags);
  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
  } catch (const CLI::Success& done) {
    std::ostringstream out;
    app.exit(done, out, out);
    return {0, out.str(), {}, {}, {}};
  } catch (const CLI::ParseError& wrong) {
    return failure(2, std::string(wrong.what()) + " (--help tells the usage)");
  }
  auto assembled = assemble(line, flags, environment, !analyze->parsed());
  if (assembled)
    assembled = analyze->parsed() ? apply_analyze_flags(line, analyze_flags, environment) : validate(line.config);
  if (!assembled) return failure(1, assembled.error().message);
  return line;
}

}  // namespace cadence::config
