// All that a plan may know: one immutable picture of a cluster's objects and of what its servers answered. No I/O.
// Promises: taken after the cache has seen our own last writes. Unknown is never the same as absent: a probe that got
// no answer says so.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cadence/api/cluster.hpp"
#include "json/value.hpp"
#include "kube/types/apps.hpp"
#include "kube/types/coordination.hpp"
#include "kube/types/core.hpp"
#include "kube/types/discovery.hpp"
#include "kube/types/node.hpp"
#include "postgres/rules/instance_status.hpp"
#include "redis/topology.hpp"

namespace cadence::facts {

struct ChildId {
  ChildId() = default;
  ChildId(std::string a_kind, std::string a_name) : kind(std::move(a_kind)), name(std::move(a_name)) {}
  std::string kind, name;
  auto operator<=>(const ChildId&) const = default;
  [[nodiscard]] std::string to_string() const { return kind + " " + name; }
};
// For sentences: "Created Pod c-postgres-1".
inline std::string operator+(const std::string& text, const ChildId& id) { return text + id.to_string(); }
inline std::string operator+(const ChildId& id, const std::string& text) { return id.to_string() + text; }

// A child as the cache holds it: the fields we know, as a document, for comparing with what we want.
struct LiveChild {
  const kube::core::KindInfo* kind = nullptr;
  json::Value document;
  [[nodiscard]] std::string uid() const { return json::string_at(document, {"metadata", "uid"}); }
  [[nodiscard]] std::string resource_version() const {
    return json::string_at(document, {"metadata", "resourceVersion"});
  }
  [[nodiscard]] bool is_going() const { return !json::string_at(document, {"metadata", "deletionTimestamp"}).empty(); }
  [[nodiscard]] bool is_owned_by(const std::string& owner_uid) const;
};

// A Secret of the user's that the spec names: whether it is there and which keys it has that hold more than blanks,
// never what they hold.
struct NamedSecret {
  bool exists = false;
  std::set<std::string> keys;
  std::string problem = {};      // why it could not be read; then the rest says nothing
  std::string unfit = {};        // of one with tls.crt and tls.key: why no server can start with them
  std::string certificate = {};  // of such a one: a mark of tls.crt, as certificate_mark() makes it
  std::string content = {};      // of one that is there: a mark of all it holds, as content_mark() makes it
  bool is_immutable = false;
  std::string uid = {};
};

// Tells one certificate from another; `base64`: as a Secret holds it.
std::string certificate_mark(const std::string& base64);
// Tells what one Secret holds from what another does; `data` as in the Secret. Kept in memory only.
std::string content_mark(const json::Value& data);

// From when to when a certificate is good, as it says itself.
struct Term {
  base::Wall begin{}, end{};
};

// What a webhook server says of its job store.
struct StoreReport {
  bool is_up = true;                              // it takes what the server has to write
  std::string code, reason;                       // why not: a SQLSTATE and the store's own words; either may be empty
  std::map<std::string, std::string> hooks = {};  // whose deliveries could not be compared, and why
  bool operator==(const StoreReport&) const = default;
};

// Why nothing can be seen of a kind that may be missing.
enum class Absence {
  Unclear,  // nobody has said yet
  NotInstalled,
  Forbidden,  // to list and watch
};

struct Observation {
  std::shared_ptr<const api::CadenceCluster> cluster;
  std::string operator_namespace = {};    // where we run; empty: outside of the cluster
  std::map<ChildId, LiveChild> children;  // all that carry the cluster's labels
  // Found under a name of ours, but without those labels: ours that lost them, or somebody else's. Metadata alone.
  std::map<ChildId, LiveChild> unlabelled;
  // it is not known whether there is such an object; why, unless it passes by itself
  std::map<ChildId, std::string> unread;
  std::map<std::string, Absence> absent;  // by kind

  std::map<std::string, std::shared_ptr<const kube::types::Pod>> pods;  // by name
  std::map<std::string, std::shared_ptr<const kube::types::StatefulSet>> stateful_sets;
  std::shared_ptr<const kube::types::Deployment> webhook, load_balancer;
  std::shared_ptr<const kube::types::Lease> postgres_lease;
  std::shared_ptr<const kube::types::EndpointSlice> postgres_endpoints;  // behind the rw Service
  // of the PostgreSQL pods; empty where nodes may not be read
  std::map<std::string, std::shared_ptr<const kube::types::Node>> nodes;
  // Since our caches last saw the Lease, or that slice, change.
  std::optional<std::chrono::milliseconds> lease_silence, endpoints_age;

  // by Secret of ours that holds a certificate and its key: why they cannot be used
  std::map<std::string, std::string> unfit_pairs;
  std::set<std::string> once_immutable;  // Secrets of ours that were seen so, now or earlier
  std::set<std::string> heard_secrets;   // UIDs of those of ours whose every event was heard since they were seen
  std::map<std::string, Term> certificate_terms;  // by Secret of ours with a certificate that can be read
  // Secrets of ours whose certificate another has signed than the authority in the cluster's own Secret; judged where
  // both can be read.
  std::set<std::string> foreign_certificates;
  std::map<ChildId, std::string> warnings;  // "FailedMount: …", the newest of each that was unexplained (troubles.hpp)
  std::map<std::string, NamedSecret> named_secrets;  // by name; only those that were asked for

  std::map<std::string, redis::ProbeResult> redis;            // by pod; only pods that run
  std::map<std::string, postgres::InstanceStatus> instances;  // by pod; only those that answered
  std::map<std::string, StoreReport> webhook_stores;          // by pod; only those that answered

  [[nodiscard]] const LiveChild* child(const std::string& kind, const std::string& name) const;
};

}  // namespace cadence::facts
