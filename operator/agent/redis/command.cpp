#include "agent/redis/command.hpp"

#include <netdb.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <memory>

#include "agent/redis/configuration.hpp"
#include "agent/redis/entrance.hpp"
#include "agent/redis/gate.hpp"
#include "agent/redis/handover.hpp"
#include "agent/redis/obstacles.hpp"
#include "agent/redis/passwords.hpp"
#include "agent/redis/probe.hpp"
#include "agent/redis/settings.hpp"
#include "agent/redis/supervisor.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::redis {
namespace {

using std::chrono::milliseconds;

constexpr int kFailed = 1;
constexpr milliseconds kReadyBound{2000}, kLiveBound{5000};
constexpr milliseconds kHandOverBound{8000};
constexpr milliseconds kStopGrace{50000};  // below the pod's own of 60 s

struct Options {
  Places places;
  Pod pod;
  std::string server = "redis-server";
  std::vector<std::string> peers;
  bool is_ready = false, is_live = false;
};

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The name that others find in DNS, if this machine has one.
std::string qualified_hostname() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "";
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (getaddrinfo(name, nullptr, &hints, &found) != 0 || found == nullptr) return "";
  const std::string out = found->ai_canonname == nullptr ? "" : found->ai_canonname;
  freeaddrinfo(found);
  return out.find('.') == std::string::npos ? "" : out;
}

int report(const base::Result<void>& outcome) {
  if (outcome) return 0;
  base::log_error(outcome.error().message);
  return kFailed;
}

// <cluster>-redis-<shard>-<ordinal>
int shard_of(const std::string& pod_name) {
  const auto parts = base::split(pod_name, '-');
  const auto shard = parts.size() < 2 ? std::nullopt : base::parse_integer(parts[parts.size() - 2]);
  return shard ? static_cast<int>(*shard) : -1;
}

void hand_over_and_log(const Options& options, const Secrets& secrets) {
  const auto outcome = hand_over(local_endpoint(options.places), operator_credentials(secrets), kHandOverBound);
  if (!outcome) base::log_warning("Could not hand over before the stop", {{"error", outcome.error().message}});
  if (outcome && *outcome) base::log_info("Handed the shard over to a replica");
}

// Until a stop, or an end that no file of the volume explains.
int run_server(Supervisor& supervisor, const Options& options) {
  Entrance entrance(supervisor, options.places, options.pod, options.peers);
  for (std::string damage;;) {
    const auto secrets = entrance.await_secrets();
    if (!secrets) return 0;
    if (auto written = write_files(options.places, options.pod, *secrets); !written) return report(written);
    const auto passage = entrance.pass(damage);
    if (passage != Passage::Open) return passage == Passage::Stopped ? 0 : kFailed;
    mark_end(options.places.data, false);
    if (auto started = supervisor.start({options.server, options.places.server_config()}); !started)
      return report(started);
    IdentityKeeper keeper(options.places.data);
    PasswordKeeper passwords(options.places, *secrets);
    SettingsKeeper settings(options.places);
    Obstacles obstacles(options.places);
    const int code = supervisor.run([&] { hand_over_and_log(options, passwords.now()); }, kStopGrace,
                                    [&] {
                                      keeper.look();
                                      passwords.look();
                                      settings.look(passwords.good());
                                      obstacles.look();
                                    });
    keeper.look();
    const bool was_asked = supervisor.stop_was_asked();
    if (was_asked && code == 0) mark_end(options.places.data, true);
    damage = was_asked || code == 0 ? "" : load_failure(supervisor.last_words());
    if (damage.empty()) return code;
  }
}

int run(Options options) {
  if (options.is_ready) return report(check_ready(options.places, kReadyBound));
  if (options.is_live) return report(check_live(options.places, kLiveBound));
  Supervisor supervisor;
  options.pod.ip = from_environment("POD_IP");
  options.pod.shard = shard_of(from_environment("POD_NAME"));
  if (!from_environment("POD_NAME").empty()) options.pod.hostname = qualified_hostname();
  return run_server(supervisor, options);
}

}  // namespace

void add_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("redis", "Runs redis-server as PID 1 of a pod, or answers its probes");
  command->add_option("--data", options->places.data, "Folder of the append-only log and the node table")
      ->capture_default_str();
  command->add_option("--config", options->places.config, "The cluster's redis.conf")->capture_default_str();
  command->add_option("--secrets", options->places.secrets, "Folder with the files password and operator-password")
      ->capture_default_str();
  command->add_option("--run", options->places.run, "Folder for what is made at start, in memory")
      ->capture_default_str();
  command->add_option("--port", options->pod.port, "Port to listen on; the bus uses 10000 more")->capture_default_str();
  command->add_option("--peers", options->peers,
                      "Names, or name:port, under which other nodes of the cluster are found");
  command->add_option("--server", options->server, "The program to run")->capture_default_str();
  auto* ready = command->add_flag("--ready", options->is_ready, "Exit 0 if the server beside is ready for clients");
  command->add_flag("--live", options->is_live, "Exit 0 if the server beside answers at all")->excludes(ready);
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace cadence::agent::redis
