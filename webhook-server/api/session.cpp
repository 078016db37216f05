#include "api/session.hpp"

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::api {
namespace {

std::int64_t seconds_of(base::Wall time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string proof_of(std::string_view token_digest, std::string_view until) {
  return base::to_hex(net::hmac_sha256(token_digest, "cadence: session, version 1\n" + std::string(until)));
}

}  // namespace

std::string make_session(std::string_view token_digest, base::Wall until) {
  const auto end = std::to_string(seconds_of(until));
  return end + "." + proof_of(token_digest, end);
}

bool is_session_of(std::string_view token_digest, std::string_view session, base::Wall now) {
  const auto dot = session.find('.');
  if (dot == std::string_view::npos) return false;
  const auto until = session.substr(0, dot);
  const auto end = base::parse_integer(until);
  return base::equals_in_constant_time(proof_of(token_digest, until), session.substr(dot + 1)) && end &&
         seconds_of(now) <= *end;
}

}  // namespace cadence::api
