// New keys and passwords for old ones, without a moment in which somebody holds the wrong one. Pure: looks at names,
// dates and public certificates; what is secret is made and read only where the change is carried out.
//
//   authority    prepare: the next one is trusted beside the old
//                switch: it signs, leaves are renewed
//                drop: the old one is trusted no more
//   adopted      the authority was deleted, damaged, or replaced by hand: those that signed what is in use stay trusted
//                beside the one that is there now; then switch and drop, as above
//   replaced     the passwords of Redis were lost: the earlier ones stay beside the new
//                drop: they are good no more
//   application  prepare: the other login role is made
//                switch: the Secret names it
//                retire: the old role may not log in
//
// Begun by annotation cadence.noslop.tech/rotate (any new value) on Secret <cluster>-ca or <cluster>-postgres-app; the
// authority also by its age. Promises: a stage begins only when everybody has followed the one before, and the next
// reconcile finds out from the objects alone where a rotation stands.
#pragma once

#include "base/clock.hpp"
#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// What the user asks for by kRotateAnnotation and what has not been done yet; empty: nothing.
std::string wanted_rotation(const facts::LiveChild& secret);
// A rotation of this Secret is in one of its stages.
bool is_turning(const facts::LiveChild& secret);

// The longest that a kubelet takes to bring a changed Secret into its pods, with room.
inline constexpr std::chrono::minutes kSpreading{5};

// Every certificate of these PEM texts once, in their order; eight at most, whoever filled them.
std::string bundle(const std::vector<std::string>& texts);
// Every authority that the Secrets in use tell others to trust, but for that of the authority's own Secret: its
// certificate may be new.
std::string trusted_in_use(const facts::Observation& observation);
// Everybody trusts what the cluster's authority signs now.
bool can_sign(const facts::Observation& observation);
// The leaf was signed by another authority than the one that signs now, and everybody trusts that one.
bool must_be_reissued(const facts::Observation& observation, const facts::LiveChild& leaf);

// When all Secrets exist.
Plan plan_rotations(const facts::Facts& facts, base::Wall now);

}  // namespace cadence::plan
