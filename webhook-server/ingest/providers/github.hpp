// GitHub: X-Hub-Signature-256 over the body, pushes and pings (docs.github.com, "Webhook events and payloads").
#pragma once

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

const Provider& github();

}  // namespace cadence::ingest
