// Which Secrets a cluster needs and how each is made. Pure: passwords and keys come into being only when the recipe is
// carried out.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"

namespace cadence::plan {

// In an order in which each recipe needs only those before it.
std::vector<SecretRecipe> wanted_secrets(const api::CadenceCluster& cluster);

// The user's Secret with the load balancer's certificate; empty: the operator makes one. Pods mount its copy, so that a
// pod that starts finds the last pair that could be used, whatever became of the user's since.
std::string given_certificate(const api::CadenceCluster& cluster);
bool is_copy(const facts::LiveChild& secret);

// Whoever is told these passwords takes two at once, so lost ones are replaced and the earlier stay beside them for a
// while. Lost ones of others are put back: somebody would be locked out.
bool takes_two(const SecretRecipe& recipe);

// It holds passwords, and all that it must hold. What certificates must be is another question.
bool is_whole(const SecretRecipe& recipe, const facts::LiveChild& live);

struct SecretsPlan {
  Plan part;                // what is missing or nearly expired
  bool is_complete = true;  // all of them exist, so that pods that mount them may be made
};
SecretsPlan plan_secrets(const facts::Facts& facts, base::Wall now);

// The certificate in this Secret is old enough to be renewed: less than a third of its life is left.
bool is_in_last_third(const facts::Observation& observation, const std::string& secret, base::Wall now);

inline constexpr std::chrono::hours kCertificateLifetime{24 * 90};
inline constexpr std::chrono::hours kAuthorityLifetime{24 * 3650};

}  // namespace cadence::plan
