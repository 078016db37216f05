// GitLab: the token in X-Gitlab-Token, or the signing token's webhook-signature; push events of projects, groups and
// the instance (docs.gitlab.com, "Webhook events"; merge request 230944 for the signing token).
#pragma once

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

const Provider& gitlab();

}  // namespace cadence::ingest
