// Azure DevOps: HTTP basic authentication (RFC 7617), nothing signed, everything else in the body
// (learn.microsoft.com, "Service hook events", git.push). A secret is "user:password", or a password for any user.
#pragma once

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

const Provider& azure_devops();

}  // namespace cadence::ingest
