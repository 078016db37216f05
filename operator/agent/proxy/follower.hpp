// The loop beside HAProxy: endpoints into slots, certificates and configuration into the running process.
// Promises: level-triggered, so a restarted HAProxy or agent ends where the EndpointSlices say within one turn; when
// the agent is dead or the API server away, traffic goes on with the last known servers; what HAProxy refuses of one
// kind holds up no other. A HAProxy that cannot start finds a good certificate and configuration as soon as they are
// mounted. Does not know where endpoints come from.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/proxy/haproxy.hpp"

namespace cadence::agent::proxy {

struct Sources {
  std::string configuration_file;  // haproxy.cfg as the operator wrote it
  std::string certificate_folder;  // tls.crt and tls.key
  // The present endpoints; nothing while they are not known yet.
  std::function<std::optional<std::vector<Endpoint>>()> endpoints;
  // Returns when endpoints may have changed, at the latest after `bound`.
  std::function<void(std::stop_token stop, std::chrono::milliseconds bound)> wait_for_change;
};

class Follower {
 public:
  Follower(HaProxy& haproxy, Sources sources) : haproxy_(haproxy), sources_(std::move(sources)) {}

  void run(std::stop_token stop);
  // One turn; public for tests.
  base::Result<void> step();

 private:
  base::Result<void> follow_endpoints(std::vector<Slot>& slots);
  base::Result<void> follow_certificate();
  base::Result<void> follow_configuration(const std::vector<Slot>& slots);
  base::Result<void> prepare_next_start();

  HaProxy& haproxy_;
  Sources sources_;
  std::string configuration_, refused_configuration_;
  std::optional<std::string> pem_;  // what HAProxy surely serves with
  std::string refused_pem_;
  base::Error pem_refusal_;
  std::vector<Slot> remembered_;
  bool is_trimmed_ = false;
};

}  // namespace cadence::agent::proxy
