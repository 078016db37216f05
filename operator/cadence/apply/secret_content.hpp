// From a recipe to a Secret: passwords from the kernel's randomness, certificates signed by the cluster's own
// authority, a copy of a pair the user gave.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cadence/plan/common/action.hpp"
#include "kube/types/core.hpp"

namespace cadence::apply {

// Name of the Secret that the recipe needs, an authority's or one to copy; empty: none.
std::string authority_of(const plan::SecretRecipe& recipe);

// How webhook servers connect; they find the authority beside it.
std::string application_uri(const std::string& user, const std::string& password, const std::string& host,
                            const std::string& database);

// `known`: what the Secret held before it was lost, as far as anybody remembers: nobody who uses it may be locked out.
base::Result<kube::types::Secret> make_secret_object(const plan::SecretRecipe& recipe,
                                                     const std::optional<kube::types::Secret>& authority,
                                                     base::Wall now,
                                                     const std::optional<kube::types::Secret>& known = {});

}  // namespace cadence::apply
