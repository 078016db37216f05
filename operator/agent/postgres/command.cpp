#include "agent/postgres/command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <memory>

#include "agent/postgres/agent.hpp"
#include "agent/postgres/status/endpoint.hpp"
#include "agent/postgres/world.hpp"
#include "base/log.hpp"
#include "base/memory.hpp"
#include "base/quantity.hpp"
#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr int kWrongUse = 2;

struct Flags {
  Options options;
  std::string duration = "9s", renew = "2s", stream_patience = "15s";
  std::vector<std::string> peers, api_peers;
};

std::string environment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value == nullptr ? fallback : value;
}

// "demo-postgres-1=127.0.0.1:5433"
base::Result<void> add_peer(std::map<std::string, rules::PrimaryAddress>& peers, const std::string& text) {
  const auto equals = text.find('=');
  const auto colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : base::parse_integer(std::string_view(text).substr(colon + 1));
  if (equals == std::string::npos || colon < equals || !port || *port < 1 || *port > 65535) {
    return base::Error{base::ErrorKind::Invalid, "--peer and --api-peer must be NAME=ADDRESS:PORT, not '" + text + "'"};
  }
  peers[text.substr(0, equals)] = {"", text.substr(equals + 1, colon - equals - 1), static_cast<std::uint16_t>(*port)};
  return {};
}

base::Result<void> complete(Flags& flags) {
  const auto duration = base::parse_duration(flags.duration);
  const auto renew = base::parse_duration(flags.renew);
  if (!duration) return duration.error();
  if (!renew) return renew.error();
  const auto timing = rules::make_lease_timing(*duration, *renew);
  if (!timing) return timing.error();
  const auto patience = base::parse_duration(flags.stream_patience);
  if (!patience) return patience.error();
  auto& options = flags.options;
  options.timing = *timing;
  options.stream_patience = *patience;
  if (options.lease.empty()) options.lease = options.cluster + "-postgres";
  options.namespace_ = environment("POD_NAMESPACE", options.namespace_);
  options.pod_uid = environment("POD_UID", options.instance);
  if (const auto slot = rules::slot_of(options.instance); !slot) return slot.error();
  options.pod_ip = environment("POD_IP", options.pod_ip);
  for (const auto& peer : flags.peers) {
    if (auto added = add_peer(options.peers, peer); !added) return added;
  }
  for (const auto& peer : flags.api_peers) {
    if (auto added = add_peer(options.api_peers, peer); !added) return added;
  }
  return {};
}

int run(Flags& flags) {
  base::set_up_memory();
  if (const auto done = complete(flags); !done) {
    base::log_error("Could not start", {{"error", done.error().message}});
    return kWrongUse;
  }
  Children children;  // before any thread, so that all of them leave signals to it
  const auto lease = make_lease_client(flags.options);
  if (!lease) {
    base::log_error("Could not start", {{"error", lease.error().message}});
    return 1;
  }
  Board board;
  RealWorld world(flags.options, children, **lease, board);
  Agent agent(world.ports(), board);
  const auto server = serve(flags.options, board);
  if (!server) {
    base::log_error("Could not start", {{"error", server.error().message}});
    return 1;
  }
  return agent.run();
}

void add_flags(CLI::App& command, Flags& flags) {
  auto& options = flags.options;
  command.add_option("--cluster", options.cluster, "name of the CadenceCluster")->required();
  command.add_option("--instance", options.instance, "our name, which is the pod's: CLUSTER-postgres-N")->required();
  command.add_option("--lease", options.lease, "Lease that says who is primary (default: CLUSTER-postgres)");
  command.add_option("--data", options.data_directory, "data directory; its parent is the volume")
      ->capture_default_str();
  command.add_option("--wal", options.wal_volume,
                     "a volume of its own for the write-ahead log; the log is moved there");
  command.add_option("--run", options.run_directory, "socket, settings and keys; memory, ours alone")
      ->capture_default_str();
  command.add_option("--secrets", options.secrets_directory, "superuser-password, replication-password, app-password")
      ->capture_default_str();
  command.add_option("--tls", options.tls_directory, "tls.crt, tls.key, ca.crt")->capture_default_str();
  command.add_option("--config", options.config_directory, "cadence.conf, instances, synchronous")
      ->capture_default_str();
  command.add_option("--programs", options.program_directory, "where postgres and initdb are")->capture_default_str();
  command.add_option("--listen", options.listen_addresses, "addresses of PostgreSQL")->capture_default_str();
  command.add_option("--port", options.port, "port of PostgreSQL")->capture_default_str();
  command.add_option("--http-address", options.http_address, "address of our probes")->capture_default_str();
  command.add_option("--http-port", options.http_port, "port of our probes")->capture_default_str();
  command.add_option("--api-port", options.api_port, "port for the other agents, over mutual TLS")
      ->capture_default_str();
  command.add_option("--endpoints", options.endpoints,
                     "EndpointSlice that leads clients to the primary; POD_IP is written into it");
  command.add_option("--lease-duration", flags.duration, "silence after which a Lease may be claimed")
      ->capture_default_str();
  command.add_option("--lease-renew", flags.renew, "time between two renewals")->capture_default_str();
  command
      .add_option("--stream-patience", flags.stream_patience,
                  "a standby without a stream for so long is compared with its primary")
      ->capture_default_str();
  command.add_option("--peer", flags.peers, "NAME=ADDRESS:PORT of an instance, instead of DNS; may be repeated");
  command.add_option("--api-peer", flags.api_peers, "the same for the agent of an instance");
  command.add_flag("--may-initialize", options.may_initialize, "create the database if there is none yet");
}

}  // namespace

void add_command(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("postgres", "PID 1 of a PostgreSQL pod: initialises, copies, supervises and fences");
  auto flags = std::make_shared<Flags>();
  add_flags(*command, *flags);
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace cadence::agent::postgres
