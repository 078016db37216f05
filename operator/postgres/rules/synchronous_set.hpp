// Which standbys a commit waits for: as PostgreSQL applies it, and as the Lease publishes it for the next election.
// Pure. Promises: moving from one set to another by next_step() keeps, at every moment, any quorum of an election among
// the published members in touch with any group of standbys that can acknowledge a commit; so no election misses an
// acknowledged commit. Source: the ordering rule of Patroni's quorum mode.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/rules/lsn.hpp"
#include "postgres/rules/replication.hpp"

namespace cadence::postgres {

struct SynchronousSet {
  SynchronousMode mode = SynchronousMode::Required;
  int number = 0;                  // acknowledgements a commit needs; 0: none
  std::vector<std::string> names;  // sorted; Off: those who may be elected
  bool operator==(const SynchronousSet&) const = default;

  [[nodiscard]] bool has(std::string_view name) const;
  // Members that must be disarmed so that no commit can be acknowledged behind their backs; meaningful with number > 0.
  [[nodiscard]] std::size_t election_quorum() const { return names.size() - static_cast<std::size_t>(number) + 1; }
};

// "Required 1 demo-postgres-2 demo-postgres-3"
std::string to_text(const SynchronousSet& set);
base::Result<SynchronousSet> parse_synchronous_set(std::string_view text);

// What the user's setting means now. `others`: all instances but the primary; `streaming`: those of them that stream.
// Required keeps naming standbys that are away, so that commits wait for them; Preferred names only those that stream,
// and none when none does.
SynchronousSet wanted_set(const Synchronous& wanted, const std::vector<std::string>& others,
                          const std::vector<std::string>& streaming);

// The value of synchronous_standby_names: "ANY 1 (\"a\", \"b\")", or empty.
std::string render_synchronous_standby_names(const SynchronousSet& set);

struct SynchronousFacts {
  SynchronousSet applied, published;
  Lsn applied_at = 0;                  // the primary's position when `applied` had taken effect
  std::map<std::string, Lsn> flushed;  // by standby
};
// At most one of the two; neither when there is nothing to do or something must be waited for.
struct SynchronousStep {
  std::optional<SynchronousSet> publish, apply;
  bool operator==(const SynchronousStep&) const = default;
};
SynchronousStep next_step(const SynchronousFacts& facts, const SynchronousSet& wanted);

}  // namespace cadence::postgres
