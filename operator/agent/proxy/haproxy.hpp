// One HAProxy process as the agent beside it sees it: its two sockets and its files, all inside the pod.
// Promises: a configuration or certificate that HAProxy refuses never replaces the last good one; files appear whole
// (rename). Does not know Kubernetes.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "agent/proxy/slots.hpp"
#include "base/result.hpp"
#include "net/pki.hpp"

namespace cadence::agent::proxy {

inline constexpr const char* kBackend = "webhooks";

class HaProxy {
 public:
  // `run_folder` holds haproxy.cfg, tls.pem, admin.sock and master.sock; it is shared with HAProxy's container.
  explicit HaProxy(std::string run_folder) : run_(std::move(run_folder)) {}

  // Before a start of HAProxy: configuration (with no servers yet) and certificate. Invalid: it could not start with
  // them; both files are left as they were.
  base::Result<void> prepare(const std::string& configuration, const net::KeyPair& pair);

  // haproxy.cfg or tls.pem as it would be read now; empty where there is none.
  std::string file(const std::string& name) const;

  base::Result<std::vector<Slot>> slots() const;
  // Sends the commands; the first refusal stops.
  base::Result<void> send(const std::vector<std::string>& commands) const;
  // Swaps the certificate without a reload, then writes the file so that a reload agrees.
  base::Result<void> renew_certificate(const std::string& pem);
  // Checks with `haproxy -c`, writes and reloads; existing connections go on in the old worker.
  base::Result<void> reload(const std::string& configuration, const std::vector<Slot>& slots);
  // Keeps the file in step with the slots, so that a restarted HAProxy knows its servers at once.
  base::Result<void> remember(const std::string& configuration, const std::vector<Slot>& slots) const;

 private:
  base::Result<std::string> ask(const std::string& command) const;
  base::Result<void> write(const std::string& name, const std::string& content) const;
  base::Result<void> check(const std::string& configuration) const;

  std::string run_;
};

// HAProxy reads certificate and key from one file; blank lines would end a runtime command early.
std::string join_pem(const std::string& certificate, const std::string& key);

base::Result<std::string> read_file(const std::string& path);
// tls.crt and tls.key of a mounted Secret.
base::Result<net::KeyPair> read_pair(const std::string& folder);

}  // namespace cadence::agent::proxy
