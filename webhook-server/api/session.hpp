// What a browser holds instead of a token: a time, and an HMAC-SHA256 of it under the token's digest. Pure.
// Promises: it tells nothing of the token; it ends with its time, and with the token it was made of, on every replica
// at once, for nothing is stored: each request is held against the tokens that are alive.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace cadence::api {

inline constexpr std::chrono::hours kSessionLasts{7 * 24};

std::string make_session(std::string_view token_digest, base::Wall until);
bool is_session_of(std::string_view token_digest, std::string_view session, base::Wall now);

}  // namespace cadence::api
