// PostgreSQL's agents as far as the operator can see or spoil them: each looks at its pod, its volume and the Lease,
// and writes what a real one would (operator/postgres has the rules; here nothing ever hangs or lags). A value but for
// the server it looks at, so that a run can start again from a copy. Not a stand-in for a real agent.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cadence/observe/servers.hpp"
#include "kube/testing/api_server.hpp"
#include "postgres/rules/lease_document.hpp"

namespace cadence::exploration {

class Databases {
 public:
  struct Volume {
    std::string system_identifier;  // empty: no database
    std::int64_t timeline = 0;
    bool operator==(const Volume&) const = default;
  };
  struct Server {
    bool is_primary = false, is_fenced = false, is_streaming = false;
    std::string loaded;         // parameters that only a start takes up
    std::string restart_token;  // of the last restart that was asked for
    bool operator==(const Server&) const = default;
  };
  struct State {
    std::map<std::string, Volume> volumes;  // by the claim's uid
    std::map<std::string, Server> servers;  // by the pod's uid
    bool operator==(const State&) const = default;
  };

  Databases(kube::testing::ApiServer& server, const base::Clock& clock) : server_(server), clock_(clock) {}

  bool step();  // each agent looks once; true when one of them did anything but renew
  [[nodiscard]] observe::Reports answer(const observe::Addresses& addresses) const;
  [[nodiscard]] bool is_ready(const json::Value& pod) const;  // as the kubelet asks it

  State state;

 private:
  struct Pod {
    std::string name, uid, ip, claim_uid;
    bool may_initialise = false;
  };
  [[nodiscard]] std::vector<Pod> running() const;
  [[nodiscard]] json::Value lease() const;
  [[nodiscard]] std::string parameters() const;
  bool look(const Pod& pod, const std::vector<Pod>& all);
  bool begin(const Pod& pod, const postgres::LeaseView& view);
  bool reign(const Pod& pod, const postgres::LeaseView& view, const std::vector<Pod>& all);
  bool follow(const Pod& pod, const postgres::LeaseView& view, const std::vector<Pod>& all);
  [[nodiscard]] bool is_elected(const Pod& pod, const postgres::LeaseView& view, const std::vector<Pod>& all) const;
  [[nodiscard]] bool is_silent(const postgres::LeaseView& view, const std::vector<Pod>& all) const;
  void claim(const Pod& pod);
  void promote(const Pod& pod, const postgres::LeaseView& view);
  void release(const Pod& pod, const std::string& because, const std::string& handover_to);
  [[nodiscard]] postgres::SynchronousSet wanted(const Pod& primary, const std::vector<Pod>& all) const;
  bool lead_to(const Pod& pod);
  bool write(json::Value lease);
  [[nodiscard]] std::string now() const { return base::format_rfc3339_micro(clock_.wall()); }
  [[nodiscard]] postgres::InstanceStatus status_of(const Pod& pod, const std::vector<Pod>& all) const;

  kube::testing::ApiServer& server_;
  const base::Clock& clock_;
};

}  // namespace cadence::exploration
