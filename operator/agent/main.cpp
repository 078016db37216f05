// cadence-agent: PID 1 or side process of the data pods. This file only introduces the subcommands to each other.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "base/log.hpp"
#ifdef CADENCE_AGENT_POSTGRES
#include "agent/postgres/command.hpp"
#endif
#ifdef CADENCE_AGENT_REDIS
#include "agent/redis/command.hpp"
#endif
#ifdef CADENCE_AGENT_PROXY
#include "agent/proxy/command.hpp"
#endif

namespace {

constexpr int kWrongUse = 2;

struct Logging {
  cadence::base::LogFormat format = cadence::base::LogFormat::Json;
  cadence::base::LogLevel level = cadence::base::LogLevel::Info;
};

void add_logging(CLI::App& app, Logging& logging) {
  using cadence::base::LogFormat;
  using cadence::base::LogLevel;
  static const std::map<std::string, LogFormat> formats{{"json", LogFormat::Json}, {"text", LogFormat::Text}};
  static const std::map<std::string, LogLevel> levels{
      {"debug", LogLevel::Debug}, {"info", LogLevel::Info}, {"warning", LogLevel::Warning}, {"error", LogLevel::Error}};
  app.add_option_function<std::string>(
         "--log-format", [&logging](const std::string& name) { logging.format = formats.at(name); }, "json or text")
      ->check(CLI::IsMember({"json", "text"}))
      ->trigger_on_parse();
  app.add_option_function<std::string>(
         "--log-level", [&logging](const std::string& name) { logging.level = levels.at(name); },
         "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->trigger_on_parse();
}

// For an init container: the program into a volume that it shares with an image that lacks it.
void add_install(CLI::App& app, int& exit_code) {
  auto folder = std::make_shared<std::string>();
  auto* command = app.add_subcommand("install", "Copies this program into a folder");
  command->add_option("folder", *folder, "where to")->required();
  command->callback([folder, &exit_code] {
    std::error_code problem;
    std::filesystem::copy_file("/proc/self/exe", std::filesystem::path(*folder) / "cadence-agent",
                               std::filesystem::copy_options::overwrite_existing, problem);
    if (!problem) return;
    cadence::base::log_error("Could not copy this program", {{"folder", *folder}, {"error", problem.message()}});
    exit_code = 1;
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Stands beside one real server in a data pod of Cadence", "cadence-agent"};
  int exit_code = 0;
  Logging logging;
  add_logging(app, logging);
  app.set_version_flag("--version", std::string("cadence-agent ") + CADENCE_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.parse_complete_callback([&logging] { cadence::base::set_up_logging(logging.level, logging.format); });
  add_install(app, exit_code);
#ifdef CADENCE_AGENT_POSTGRES
  cadence::agent::postgres::add_command(app, exit_code);
#endif
#ifdef CADENCE_AGENT_REDIS
  cadence::agent::redis::add_command(app, exit_code);
#endif
#ifdef CADENCE_AGENT_PROXY
  cadence::agent::proxy::add_command(app, exit_code);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUse;
  }
  return exit_code;
}
