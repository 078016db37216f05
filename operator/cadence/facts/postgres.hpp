// PostgreSQL in the words of the rules: who holds the Lease, what it publishes, what each instance is. Gathered once
// from an Observation. Pure; decides nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cadence/facts/observation.hpp"
#include "cadence/names/names.hpp"
#include "postgres/rules/lease_rules.hpp"

namespace cadence::facts {

// How many of the published names an election needs; 0: nobody may be elected.
int votes_needed(const postgres::SynchronousSet& published);

struct PostgresInstance {
  int number = 0;
  std::string name;
  std::shared_ptr<const kube::types::Pod> pod;       // may be none
  const postgres::InstanceStatus* report = nullptr;  // none: its agent did not answer
  bool is_wanted = false;                            // number <= spec.postgres.instances
  bool is_fenced = false;
  bool is_on_drained_node = false;
  // a claim for its data is there, perhaps from an earlier life of the cluster
  bool has_volume = false;
  bool is_volume_going = false;  // somebody has given it up
  [[nodiscard]] bool exists() const { return pod != nullptr; }
  [[nodiscard]] bool is_going() const { return pod && !pod->metadata.deletion_timestamp.empty(); }
  [[nodiscard]] bool is_ready() const { return pod && kube::types::is_ready(*pod); }
  [[nodiscard]] bool is_running() const;  // its container runs, and nobody has asked it to go
};

struct PostgresView {
  std::string primary, holder_uid;  // of the Lease; empty: nobody
  bool is_initialised = false;
  bool is_silent = false;  // held, but not renewed for its whole duration
  std::optional<postgres::SynchronousSet> published;
  // by number: the wanted ones, then others whose pods still exist, or whose volumes may hold what is looked for
  std::vector<PostgresInstance> instances;

  [[nodiscard]] const PostgresInstance* find(const std::string& name) const;
  [[nodiscard]] const PostgresInstance* primary_instance() const { return find(primary); }
};

// People want this volume kept as it is, and another one for its instance.
bool is_set_aside(const LiveChild& volume);

// The name of the claim for the instance's data: an earlier one may be set aside.
std::string claim_name(const Observation& observation, int number);

// How far the standby's replay is behind, in bytes; nothing while either position is unknown.
std::optional<std::int64_t> lag_of(const postgres::InstanceStatus& primary, const postgres::InstanceStatus& standby);

PostgresView view_postgres(const Observation& observation);

// The annotation of the Lease, or nothing.
std::string lease_annotation(const Observation& observation, const char* name);
// What the primary measures of its commits: its own answer, or what it wrote into the Lease, which it renews every
// other second.
struct CommitMeasures {
  std::string unacknowledged;  // why a commit that is made now is not acknowledged; empty: it is
  // which settings in force keep acknowledged commits from being safe; only from its own answer
  std::string unprotected;
  std::string settings;  // what was changed, and whether it was set back
};
CommitMeasures commits_of(const Observation& observation, const PostgresInstance& primary);
// The container that runs PostgreSQL, as the kubelet sees it.
const kube::types::ContainerStatus* postgres_container(const kube::types::Pod& pod);

}  // namespace cadence::facts
