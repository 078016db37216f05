// How deliveries are shown to be authentic, by any sender. Promises: comparison takes the same time whatever differs;
// every secret is tried, in one pass over the body.
#pragma once

#include <chrono>
#include <optional>

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

// 32 bytes of 64 hex digits after a prefix ("sha256=" or none); nothing when malformed.
std::optional<std::string> parse_signature(std::string_view header, std::string_view prefix = "sha256=");

// HMAC-SHA256 over the body as it arrives.
std::unique_ptr<Proof> hmac_of_body(Secrecy secrets, std::string signature);
// HMAC-SHA256 over the JSON in a form's field `payload`.
std::unique_ptr<Proof> hmac_of_form(Secrecy secrets, std::string signature);

// What a head alone proves: these secrets.
std::unique_ptr<Proof> proven(Secrecy secrets, std::vector<const Secret*> matching);
// The secrets that are this text.
std::vector<const Secret*> secrets_equal_to(const std::vector<Secret>& secrets, std::string_view text);

// Standard Webhooks 1.0.0: webhook-id, webhook-timestamp and webhook-signature, which signs the three together. Secrets
// are whsec_… (v1, HMAC-SHA256) or whpk_… (v1a, Ed25519); others are passed over.
Begun standard_proof(const net::RequestHead& head, Secrecy secrets, base::Wall now);
base::Result<void> check_standard_secret(std::string_view value);
// How far webhook-timestamp may be from now; what the sender's own libraries allow.
inline constexpr std::chrono::seconds kTimestampTolerance{300};

}  // namespace cadence::ingest
