// Bitbucket, in the cloud and in a data center: X-Hub-Signature over the body; one push may move several branches
// (support.atlassian.com, "Event payloads"; confluence.atlassian.com, "Event payload" of Bitbucket Data Center).
#pragma once

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

const Provider& bitbucket();
const Provider& bitbucket_server();

}  // namespace cadence::ingest
