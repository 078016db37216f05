// What a pod adds to the cluster's redis.conf: its address, its files, its users. Rendering is pure; write_files does
// the I/O. Promises: passwords go to files of mode 0600 on the run folder only, never to arguments, environment or
// logs; the pod's lines come after the cluster's, so they win. Does not know what the cluster's redis.conf says.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "redis/connection.hpp"

namespace cadence::agent::redis {

inline constexpr const char* kOperatorUser = "operator";  // all but what destroys data
// the agent itself and its probes, whatever becomes of the Secret
inline constexpr const char* kLocalUser = "agent";
inline constexpr const char* kReplicationUser = "replication";  // what a replica asks of its master
// the webhook servers: a cache under keys of its own
inline constexpr const char* kWebhookUser = "webhook";

struct Places {
  std::string data = "/data";
  std::string config = "/etc/cadence/config/redis.conf";
  std::string secrets = "/etc/cadence/redis";
  // Beside the cluster's redis.conf: the shards of spec.redis.acceptDataLoss. Absent: none.
  [[nodiscard]] std::string accepted_losses() const {
    return config.substr(0, config.rfind('/') + 1) + "accept-data-loss";
  }
  std::string run = "/run/redis";
  [[nodiscard]] std::string server_config() const { return run + "/redis.conf"; }
  [[nodiscard]] std::string users() const { return run + "/users.acl"; }
  [[nodiscard]] std::string login() const { return run + "/login"; }
  [[nodiscard]] std::string socket() const { return run + "/redis.sock"; }
};

struct Pod {
  std::string ip;        // empty: not announced
  int shard = -1;        // by its name; -1: unknown
  std::string hostname;  // fully qualified; empty: not announced
  std::uint16_t port = cadence::redis::kDefaultPort;
};

struct Secrets {
  std::string application_password, operator_password;
  // Those that they replaced, good as well while they stand in the Secret; empty: none.
  std::string previous_application = {}, previous_operator = {};
  // Empty: the Secret is an older operator's, and nobody is let in as that user.
  std::string webhook_password = {}, previous_webhook = {};
  bool operator==(const Secrets&) const = default;
  // What every server takes: one whose mount is late knows no other.
  [[nodiscard]] const std::string& shown() const {
    return previous_operator.empty() ? operator_password : previous_operator;
  }
};

base::Result<Secrets> read_secrets(const std::string& folder);

std::string render_server_config(const Places& places, const Pod& pod, const Secrets& secrets);
std::string render_users(const Secrets& secrets, const std::string& local_password);
// Makes exactly these the good ones on a running server; the first is also what a replica shows its master.
std::vector<cadence::redis::Request> password_commands(const std::vector<Secrets>& good);

base::Result<void> write_files(const Places& places, const Pod& pod, const Secrets& secrets);

// Whether the cluster's redis.conf asks for an append-only log.
bool keeps_data(const Places& places);
// Whether the user gave that shard's data up.
bool is_loss_accepted(const Places& places, int shard);

// How this agent talks to the server beside it.
cadence::redis::Endpoint local_endpoint(const Places& places);
cadence::redis::Credentials local_credentials(const Places& places);
cadence::redis::Credentials operator_credentials(const Secrets& secrets);

}  // namespace cadence::agent::redis
