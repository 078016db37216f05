// What the command line says, as values. Knows no files and no defaults of Kubernetes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "postgres/lease_rules.hpp"
#include "postgres/replication.hpp"

namespace cadence::agent::postgres {

namespace rules = cadence::postgres;

struct Options {
  std::string cluster, instance, namespace_ = "default", pod_uid;
  std::string data_directory = "/var/lib/postgresql/data";
  std::string run_directory = "/run/postgresql";
  std::string secrets_directory = "/etc/cadence/postgres";
  std::string tls_directory = "/etc/cadence/tls";
  std::string config_directory = "/etc/cadence/config";
  std::string program_directory = "/usr/lib/postgresql/15/bin";
  std::string lease;
  std::string listen_addresses = "*", http_address = "0.0.0.0";
  std::uint16_t port = 5432, http_port = 8008;
  bool may_initialize = false;
  rules::LeaseTiming timing;
  std::map<std::string, rules::PrimaryAddress> peers;  // by instance; the host name is filled in by address_of()
  std::chrono::seconds stop_timeout{50};  // of a fast shutdown; less than the pod's grace period

  // "demo-postgres-1.demo-postgres.space.svc", by which certificates and the headless Service name an instance.
  [[nodiscard]] rules::PrimaryAddress address_of(const std::string& name) const {
    rules::PrimaryAddress out;
    if (const auto found = peers.find(name); found != peers.end()) out = found->second;
    else out.port = port;
    out.host = name + "." + cluster + "-postgres." + namespace_ + ".svc";
    return out;
  }
};

}  // namespace cadence::agent::postgres
