#include "feedback/answers.hpp"

#include <algorithm>
#include <ctime>

#include "base/text.hpp"
#include "json/value.hpp"

namespace cadence::feedback {

using std::chrono::seconds;

namespace {

constexpr seconds kRest{60};  // what GitHub asks for where it names no time

std::optional<seconds> number_of(std::string_view text) {
  const auto value = base::parse_integer(base::trim(text));
  if (!value || *value < 0) return std::nullopt;
  return seconds(std::min<std::int64_t>(*value, std::int64_t{1} << 40));
}

// "Wed, 21 Oct 2026 07:28:00 GMT" (RFC 9110 §5.6.7).
std::optional<seconds> until_date(std::string_view text, base::Wall now) {
  std::tm time{};
  const std::string date(text);
  if (strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time) == nullptr) return std::nullopt;
  const auto at = base::Wall(seconds(timegm(&time)));
  return std::max(std::chrono::ceil<seconds>(at - now), seconds(0));
}

// A point in time (GitHub, GitLab) or a time to wait (the drafts of RateLimit-Reset): nobody waits for thirty years.
std::optional<seconds> until_reset(std::string_view text, base::Wall now) {
  constexpr seconds kPointsInTime{1'000'000'000};
  const auto value = number_of(text);
  if (!value || *value < kPointsInTime) return value;
  return std::max(std::chrono::ceil<seconds>(base::Wall(*value) - now), seconds(0));
}

// GitHub and GitLab: message; Gitea: message; Bitbucket: error.message; Bitbucket Data Center: errors[0].message.
std::string message_of(const json::Value& body) {
  for (const auto& path : {std::initializer_list<std::string_view>{"message"}, {"error", "message"}, {"error"}})
    if (auto text = json::string_at(body, path); !text.empty()) return text;
  const auto& errors = json::at_path(body, {"errors"});
  return errors.is_array() && !errors.empty() ? json::string_at(errors[0], {"message"}) : std::string();
}

std::string reason_of(int status, const std::string& message, std::string_view token) {
  constexpr std::size_t kMost = 200;
  auto reason = "it answered " + std::to_string(status);
  if (message.empty() || (!token.empty() && message.find(token) != std::string::npos)) return reason;
  auto text = std::string(base::clipped(message, kMost));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return reason + ": " + text;
}

bool is_rate_limit(const net::Response& response, const std::string& message) {
  if (response.status == 429) return true;
  if (response.status != 403) return false;
  return !net::find_header(response.headers, "Retry-After").empty() ||
         net::find_header(response.headers, "X-RateLimit-Remaining") == "0" ||
         base::to_lower(message).find("rate limit") != std::string::npos;
}

bool is_passing(int status) {
  constexpr int kAgain[] = {408, 409, 421, 425};
  return status >= 500 || status < 200 || std::find(std::begin(kAgain), std::end(kAgain), status) != std::end(kAgain);
}

}  // namespace

std::optional<seconds> wait_asked_for(const net::Response& response, base::Wall now) {
  const auto header = [&](const char* name) { return net::find_header(response.headers, name); };
  std::optional<seconds> wait;
  if (const auto after = header("Retry-After"); !after.empty()) {
    wait = number_of(after);
    if (!wait) wait = until_date(after, now);
  }
  for (const char* name : {"X-RateLimit-Reset", "RateLimit-Reset"})
    if (!wait && !header(name).empty()) wait = until_reset(header(name), now);
  if (!wait) return wait;
  return std::clamp(*wait, seconds(1), kLongestWait);
}

Answer answer_of(const Forge& forge, const net::Response& response, std::string_view token, base::Wall now) {
  using Kind = Answer::Kind;
  const int status = response.status;
  const auto body = json::parse(response.body);
  const bool is_object = body && body->is_object();
  if (status == 200 || status == 201 || status == 204) {
    if (is_object || !forge.has_answer) return {.kind = Kind::Taken};
    // A proxy's page of welcome says 200 as well.
    return {.reason = "it answered " + std::to_string(status) + " without the JSON that it should", .is_for_all = true};
  }
  const auto message = is_object ? message_of(*body) : std::string();
  const auto reason = reason_of(status, message, token);
  if (is_rate_limit(response, message))
    return {.reason = reason, .wait = wait_asked_for(response, now).value_or(kRest), .is_for_all = true};
  // Somebody may be replacing it: whatever the file holds then is tried.
  if (status == 401) return {.reason = reason + "; the token is not accepted", .is_for_all = true};
  if (is_passing(status))
    return {.reason = reason,
            .wait = status == 503 ? wait_asked_for(response, now) : std::nullopt,
            .is_for_all = status >= 500};
  // What is said already cannot be said again.
  if (status == 400 && message.find("Cannot transition status") != std::string::npos) return {.kind = Kind::Taken};
  return {.kind = Kind::Never, .reason = reason};
}

}  // namespace cadence::feedback
