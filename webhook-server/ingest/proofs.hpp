// How deliveries are shown to be authentic, by any sender. Promises: comparison takes the same time whatever differs;
// every secret is tried, in one pass over the body.
#pragma once

#include <optional>

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

// The signature of a header "sha256=<64 hex digits>"; 32 bytes, or nothing when malformed.
std::optional<std::string> parse_signature(std::string_view header);

// HMAC-SHA256 over the body as it arrives.
std::unique_ptr<Proof> hmac_of_body(Secrecy secrets, std::string signature);

}  // namespace cadence::ingest
