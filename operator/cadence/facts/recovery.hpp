// What there is of a database whose Lease is gone: the cluster was deleted and created again on its kept volumes, or
// somebody deleted the Lease. Pure. What follows from it, plan/postgres/recovery.hpp decides.
#pragma once

#include "cadence/facts/postgres.hpp"
#include "postgres/rules/recovery.hpp"

namespace cadence::facts {

// What each instance that has a volume says of it, in their order.
std::vector<postgres::VolumeReport> volume_reports(const Observation& observation, const PostgresView& view);

// Volumes that may hold the database. Volume 1 alone needs nobody's word, unless it is a standby's: the primary's is
// gone, and this one is all there is.
bool has_volumes_to_ask(const PostgresView& view);

// The Lease was deleted under a primary that reigns: its agent makes it again with all that it knows. One of ours,
// which says nothing, would stop it.
bool is_made_again(const Observation& observation, const PostgresView& view);

// A Lease of an earlier life of the cluster: nobody writes it any more, and it may tell of volumes that are gone.
bool is_left_over(const Observation& observation, const PostgresView& view);

}  // namespace cadence::facts
