// What the command line says, as values. Knows no files and no defaults of Kubernetes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "postgres/rules/lease_rules.hpp"
#include "postgres/rules/replication.hpp"

namespace cadence::agent::postgres {

namespace rules = cadence::postgres;

struct Options {
  std::string cluster, instance, namespace_ = "default", pod_uid;
  std::string data_directory = "/var/lib/postgresql/data";
  std::string wal_volume;  // where the log's own volume is mounted; empty: it is with the data
  std::string run_directory = "/run/postgresql";
  std::string secrets_directory = "/etc/cadence/postgres";
  std::string tls_directory = "/etc/cadence/tls";
  std::string config_directory = "/etc/cadence/config";
  std::string program_directory = "/usr/lib/postgresql/15/bin";
  std::string lease;
  std::string listen_addresses = "*", http_address = "0.0.0.0";
  std::uint16_t port = 5432, http_port = 8008, api_port = 8009;
  // EndpointSlice that leads clients to the primary, and what to write into it; empty: nothing
  std::string endpoints, pod_ip;
  bool may_initialize = false;
  rules::LeaseTiming timing;
  // by instance, instead of DNS; host names are filled in by address_of()
  std::map<std::string, rules::PrimaryAddress> peers, api_peers;
  // a standby without a stream although the primary serves: then the data is compared
  std::chrono::milliseconds stream_patience{15000};
  std::chrono::seconds stop_timeout{50};  // of a fast shutdown; less than the pod's grace period

  [[nodiscard]] std::string data_volume() const { return data_directory.substr(0, data_directory.rfind('/')); }
  // Where the log fills up.
  [[nodiscard]] std::string log_volume() const { return wal_volume.empty() ? data_volume() : wal_volume; }

  // "demo-postgres-1.demo-postgres.space.svc", by which certificates and the headless Service name an instance.
  [[nodiscard]] rules::PrimaryAddress address_of(const std::string& name) const { return named(name, peers, port); }
  // Of an instance's agent; the same name.
  [[nodiscard]] rules::PrimaryAddress api_address_of(const std::string& name) const {
    return named(name, api_peers, api_port);
  }

 private:
  [[nodiscard]] rules::PrimaryAddress named(const std::string& name,
                                            const std::map<std::string, rules::PrimaryAddress>& given,
                                            std::uint16_t usual) const {
    rules::PrimaryAddress out;
    if (const auto found = given.find(name); found != given.end()) out = found->second;
    else out.port = usual;
    out.host = name + "." + cluster + "-postgres." + namespace_ + ".svc";
    return out;
  }
};

}  // namespace cadence::agent::postgres
