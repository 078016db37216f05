// Gitea, and its relatives Forgejo and Gogs: the bare hex HMAC-SHA256 in a header of each one's own, over the JSON even
// where a form carries it, and GitHub's shape of pushes (docs.gitea.com, "Webhooks"; forgejo.org, "Webhooks").
#pragma once

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

const Provider& gitea();
const Provider& forgejo();
const Provider& gogs();

}  // namespace cadence::ingest
