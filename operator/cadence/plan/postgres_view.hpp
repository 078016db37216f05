// PostgreSQL in the words of the rules: who holds the Lease, what it publishes, what each instance is. Gathered once from an
// Observation. Pure; decides nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cadence/plan/observation.hpp"
#include "cadence/resources/context.hpp"

namespace cadence::plan {

inline constexpr const char* kSystemIdentifierAnnotation = "cadence.noslop.tech/system-identifier";
inline constexpr const char* kTimelineAnnotation = "cadence.noslop.tech/timeline";
inline constexpr const char* kHolderUidAnnotation = "cadence.noslop.tech/holder-uid";
inline constexpr const char* kSynchronousAnnotation = "cadence.noslop.tech/synchronous";      // "Required 1 c-postgres-2 c-postgres-3"
inline constexpr const char* kLastHolderAnnotation = "cadence.noslop.tech/last-holder";
inline constexpr const char* kShutdownAnnotation = "cadence.noslop.tech/shutdown";
inline constexpr const char* kHandoverToAnnotation = "cadence.noslop.tech/handover-to";
inline constexpr const char* kReleasedBecauseAnnotation = "cadence.noslop.tech/released-because";
inline constexpr const char* kFailoverAnnotation = "cadence.noslop.tech/failover";
inline constexpr const char* kSwitchoverToAnnotation = "cadence.noslop.tech/switchover-to";
inline constexpr const char* kSwitchoverDoneAnnotation = "cadence.noslop.tech/switchover-done";  // the last spec.postgres.switchoverTo that was reached
inline constexpr const char* kFencedAnnotation = "cadence.noslop.tech/fenced";
inline constexpr const char* kRestartAnnotation = "cadence.noslop.tech/restart";

// The synchronous set as the primary's agent published it. An election needs N - NUMBER + 1 of the N names.
struct PublishedSet {
  std::string mode;  // Off | Preferred | Required
  int number = 0;
  std::vector<std::string> names;
  [[nodiscard]] bool has(const std::string& name) const;
  // How many of `names` an election needs; 0: nobody may be elected.
  [[nodiscard]] int needed() const;
};
std::optional<PublishedSet> parse_published_set(const std::string& text);

struct PostgresInstance {
  int number = 0;
  std::string name;
  std::shared_ptr<const kube::types::Pod> pod;  // may be none
  const InstanceReport* report = nullptr;       // none: its agent did not answer
  bool is_wanted = false;                       // number <= spec.postgres.instances
  bool is_fenced = false;
  bool is_on_drained_node = false;
  [[nodiscard]] bool exists() const { return pod != nullptr; }
  [[nodiscard]] bool is_going() const { return pod && !pod->metadata.deletion_timestamp.empty(); }
  [[nodiscard]] bool is_ready() const { return pod && kube::types::is_ready(*pod); }
  [[nodiscard]] bool is_running() const;  // its container runs, and nobody has asked it to go
};

struct PostgresView {
  std::string primary, holder_uid;  // of the Lease; empty: nobody
  bool is_initialised = false;
  bool is_silent = false;  // held, but not renewed for its whole duration
  std::optional<PublishedSet> published;
  std::vector<PostgresInstance> instances;  // by number: the wanted ones, then others whose pods still exist

  [[nodiscard]] const PostgresInstance* find(const std::string& name) const;
  [[nodiscard]] const PostgresInstance* primary_instance() const { return find(primary); }
};

PostgresView view_postgres(const Observation& observation);

// The annotation of the Lease, or nothing.
std::string lease_annotation(const Observation& observation, const char* name);
// The container that runs PostgreSQL, as the kubelet sees it.
const kube::types::ContainerStatus* postgres_container(const kube::types::Pod& pod);

}  // namespace cadence::plan
