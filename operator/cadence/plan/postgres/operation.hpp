// The one disruptive thing that is done to a running database at a time: a switchover, a restart, a pod taken away.
// Pure. Promises: at most one at once, and none while another is under way or an instance that could stand in is
// missing; standbys before the primary; a primary is never stopped while somebody can take over; no copy is taken away
// that the published synchronous set names, nor the last one. Creating pods is not its business.
#pragma once

#include "base/clock.hpp"
#include "cadence/facts/postgres.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence::plan {

struct PostgresOperation {
  enum class Kind { None, Wait, Switchover, Restart, Delete };
  Kind kind = Kind::None;
  std::string instance;  // whom to switch to, to restart, or whose pod to delete
  std::string token;     // Restart: which configuration it is for
  std::string reason;    // CamelCase, for the event
  std::string why;       // "Replaced Pod c-postgres-2: its template has changed"; Wait: what is waited for
};

// `objections` gets what the user asked for and cannot have now.
PostgresOperation next_operation(const facts::Observation& observation, const resources::Context& context,
                                 const facts::PostgresView& view, base::Wall now, std::vector<Objection>& objections);

// switchover.cpp

// Why the primary may not be handed to `target` now: reason and next step; empty when it may.
std::string objection_to_switchover(const facts::PostgresView& view, const std::string& target);
// The standby that loses least and stays longest: up to date, streaming, on a node that is not being drained; empty:
// none may.
std::string best_successor(const facts::Observation& observation, const resources::Context& context,
                           const facts::PostgresView& view);

PostgresOperation wanted_switchover(const facts::Observation& observation, const facts::PostgresView& view,
                                    std::vector<Objection>& objections);
PostgresOperation leave_drained_node(const facts::Observation& observation, const resources::Context& context,
                                     const facts::PostgresView& view, std::vector<Objection>& objections);

// scale.cpp, rollout.cpp, restart.cpp

PostgresOperation scale_down(const facts::Observation& observation, const resources::Context& context,
                             const facts::PostgresView& view);
// A pod whose agent the API server refuses, so that it can neither renew the Lease nor be elected: standbys first, then
// the primary, whose Lease is silent meanwhile and which nobody can ask for a switchover.
PostgresOperation let_in_again(const facts::Observation& observation, const facts::PostgresView& view);
PostgresOperation roll_out(const facts::Observation& observation, const resources::Context& context,
                           const facts::PostgresView& view);
PostgresOperation restart_for_parameters(const facts::Observation& observation, const resources::Context& context,
                                         const facts::PostgresView& view, base::Wall now);

// Shared

// What keeps a further instance from being disturbed: one that is missing, not ready or not streaming; empty: nothing.
std::string disturbance(const facts::PostgresView& view);
// Hands over to the best successor, or waits for one.
PostgresOperation hand_over(const facts::Observation& observation, const resources::Context& context,
                            const facts::PostgresView& view, const std::string& because);
// The pod was made from another template than the present one.
bool is_outdated(const resources::Context& context, const facts::PostgresInstance& instance);

}  // namespace cadence::plan
