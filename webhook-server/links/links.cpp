#include "links/links.hpp"

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::links {
namespace {

std::int64_t seconds_of(base::Wall time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// RFC 4648 §5, without padding.
std::string to_base64url(std::string_view bytes) {
  auto text = base::to_base64(bytes);
  text.resize(text.find_last_not_of('=') + 1);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::string signature_of(std::string_view key, std::string_view job_id, std::string_view until) {
  constexpr std::string_view kPurpose = "cadence: link to a job, version 1\n";
  return to_base64url(
      net::hmac_sha256(key, std::string(kPurpose) + base::to_lower(job_id) + "\n" + std::string(until)));
}

}  // namespace

base::Wall end_of(base::Wall now, std::chrono::days valid) { return std::chrono::ceil<std::chrono::days>(now) + valid; }

std::string sign(std::string_view key, std::string_view job_id, base::Wall until) {
  const auto end = std::to_string(seconds_of(until));
  return "until=" + end + "&signature=" + signature_of(key, job_id, end);
}

Standing check(std::span<const std::string> keys, std::string_view job_id, std::string_view until,
               std::string_view signature, base::Wall now) {
  const auto end = base::parse_integer(until);
  if (!end) return Standing::Wrong;
  bool is_ours = false;
  // Every key is tried, so that the time does not tell which one it was.
  for (const auto& key : keys)
    if (base::equals_in_constant_time(signature_of(key, job_id, until), signature)) is_ours = true;
  if (!is_ours) return Standing::Wrong;
  return seconds_of(now) <= *end ? Standing::Good : Standing::Over;
}

}  // namespace cadence::links
