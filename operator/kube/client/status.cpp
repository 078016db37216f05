#include "kube/client/status.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "json/value.hpp"

namespace cadence::kube::client {

namespace {

using base::ErrorKind;

ErrorKind kind_of(int code, const std::string& reason) {
  // AlreadyExists is a 409 as well: somebody created the object first.
  if (reason == "AlreadyExists" || reason == "Conflict" || code == 409 || code == 412) return ErrorKind::Conflict;
  if (code == 404) return ErrorKind::NotFound;
  if (code == 401 || code == 403) return ErrorKind::Forbidden;
  if (code == 408 || code == 429 || code >= 500) return ErrorKind::Transient;
  if (code == 410) return ErrorKind::Conflict;  // expired: list again
  return ErrorKind::Invalid;
}

// A write that named the uid of one object met another: a broken precondition, called a bad field (422) all the same.
bool names_another_object(const json::Value& status) {
  const auto& causes = json::at_path(status, {"details", "causes"});
  return causes.is_array() && std::any_of(causes.begin(), causes.end(), [](const auto& cause) {
           return json::string_at(cause, {"field"}) == "metadata.uid";
         });
}

json::Value read_status(const net::Response& answer) {
  auto parsed = json::parse(answer.body);
  if (!parsed || !parsed->is_object() || json::string_at(*parsed, {"kind"}) != "Status") return nullptr;
  return std::move(parsed).value();
}

}  // namespace

base::Error error_of(const net::Response& answer, const std::string& attempt) {
  const auto status = read_status(answer);
  const auto reason = json::string_at(status, {"reason"});
  auto message = json::string_at(status, {"message"});
  if (message.empty()) {
    // Not the API server, then: a proxy on the way. The first line is enough to recognise it.
    message = std::string(base::trim(answer.body.substr(0, answer.body.find('\n')))).substr(0, 200);
  }
  if (message.empty()) message = "the server gave no reason";
  const auto kind = names_another_object(status) ? ErrorKind::Conflict : kind_of(answer.status, reason);
  return {kind, attempt + ": " + message + " (" + std::to_string(answer.status) + ")"};
}

std::optional<std::chrono::seconds> retry_after(const net::Response& answer) {
  if (const auto seconds = base::parse_integer(net::find_header(answer.headers, "Retry-After"));
      seconds && *seconds >= 0) {
    return std::chrono::seconds(*seconds);
  }
  const auto status = read_status(answer);
  const auto& seconds = json::at_path(status, {"details", "retryAfterSeconds"});
  if (seconds.is_number_integer() && seconds.get<std::int64_t>() > 0)
    return std::chrono::seconds(seconds.get<std::int64_t>());
  return std::nullopt;
}

}  // namespace cadence::kube::client
