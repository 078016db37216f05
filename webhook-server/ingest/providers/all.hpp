// The list of senders. One that is new gets a file beside this one and a line in all.cpp.
#pragma once

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

// In the order in which POST /webhook asks who it was: senders that also send another one's headers come before it.
const std::vector<const Provider*>& all_providers();

// Whether the head has one of the sender's own headers.
bool is_marked(const Provider& provider, const net::RequestHead& head);

}  // namespace cadence::ingest
