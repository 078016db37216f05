// Links that let whoever has one read one job until a certain time, without a token. Pure.
// Promises: a link is an HMAC-SHA256 over the job and the time, under a text that nothing else is signed with; it is
// compared in a time that says nothing of it; a changed job, time or signature opens nothing. Knows no clock but the
// one it is told, and no HTTP.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace cadence::links {

// The last moment of a link that is made now: the end of a day (UTC), so that the link of a job is the same all day.
base::Wall end_of(base::Wall now, std::chrono::days valid);

// "until=UNIXTIME&signature=BASE64URL"
std::string sign(std::string_view key, std::string_view job_id, base::Wall until);

enum class Standing {
  Good,
  Over,   // signed by us, and its time is over
  Wrong,  // nothing that one of the keys signed
};
// `until` and `signature` as they stood in the query.
Standing check(std::span<const std::string> keys, std::string_view job_id, std::string_view until,
               std::string_view signature, base::Wall now);

}  // namespace cadence::links
