// GitLab: GET …/hooks, GET …/hooks/ID/events, POST …/events/ID/resend (17.4), of projects and of groups. Events are
// kept for seven days; resending is answered when the hook has been, and allowed five times a minute.
#include "base/text.hpp"
#include "feedback/forges/forges.hpp"
#include "json/integer_at.hpp"
#include "recovery/providers/provider.hpp"

namespace cadence::recovery {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

std::string hooks(const Place& place) {
  return (place.kind == Place::Kind::Owner ? "/groups/" : "/projects/") + net::percent_encode(place.name) + "/hooks";
}

std::string events(const Place& place, std::int64_t hook) {
  return hooks(place) + "/" + std::to_string(hook) + "/events";
}

net::Request get(std::string target) { return {"GET", std::move(target), {{"Accept", "application/json"}}, {}}; }

net::Request ask_for_hooks(const Place& place) { return get(hooks(place) + "?per_page=100"); }

// An event carries its whole payload: few at a time.
net::Request ask_for_page(const Place& place, std::int64_t hook, const std::string& cursor) {
  return get(events(place, hook) + "?per_page=20&page=" + (cursor.empty() ? "1" : net::percent_encode(cursor)));
}

net::Request ask_again(const Place& place, std::int64_t hook, std::int64_t attempt) {
  return feedback::json_post(events(place, hook) + "/" + std::to_string(attempt) + "/resend", "{}");
}

Hook hook_of(const json::Value& value) {
  Hook hook{json::integer_at(value, {"id"}), json::string_at(value, {"url"})};
  hook.sends_pushes = json::at_path(value, {"push_events"}) == json::Value(true);
  const auto state = json::string_at(value, {"alert_status"});
  if (state == "disabled") hook.asleep = "GitLab has switched it off after failures: test it there, which wakes it";
  if (state == "temporarily_disabled")
    hook.asleep = "GitLab has switched it off until " + json::string_at(value, {"disabled_until"}) + " after failures";
  return hook;
}

Result<std::vector<Hook>> read_hooks(const json::Value& body) { return hooks_in(body, hook_of); }

// The names of headers as they were sent.
std::string header_at(const json::Value& headers, std::string_view name) {
  if (!headers.is_object()) return {};
  for (const auto& [key, value] : headers.items())
    if (base::equals_ignoring_case(key, name) && value.is_string()) return value.get<std::string>();
  return {};
}

// "200", 200, or "internal error" where nobody answered.
int status_of(const json::Value& value) {
  if (value.is_number_integer()) return value.get<int>();
  const auto number = value.is_string() ? base::parse_integer(value.get<std::string>()) : std::nullopt;
  return number && *number > 0 && *number < 1000 ? static_cast<int>(*number) : 0;
}

Result<Page> read_page(const json::Value& body, const std::vector<net::Header>& headers) {
  if (!body.is_array()) return Error{ErrorKind::Transient, "its answer was no list of events"};
  Page page;
  for (const auto& one : body) {
    Attempt attempt;
    attempt.id = json::integer_at(one, {"id"});
    if (attempt.id <= 0) return Error{ErrorKind::Transient, "its list has an event without an id"};
    attempt.status = status_of(json::at_path(one, {"response_status"}));
    attempt.repository = json::string_at(one, {"request_data", "project", "path_with_namespace"});
    const auto& sent = json::at_path(one, {"request_headers"});
    if (json::string_at(one, {"trigger"}) == "push_hooks") {
      attempt.delivery = header_at(sent, "webhook-id");
      if (attempt.delivery.empty()) attempt.delivery = header_at(sent, "Idempotency-Key");
    }
    page.rows.push_back(std::move(attempt));
  }
  page.cursor = next_cursor(headers, "page");
  return page;
}

std::string rights(const Place& place) {
  return place.kind == Place::Kind::Owner ? "scope api, as an owner of the group"
                                          : "scope api, as a maintainer of the project";
}

}  // namespace

const Provider& gitlab() {
  static const Provider provider{.name = "gitlab",
                                 .forge = feedback::gitlab,
                                 .rules = {.kept = std::chrono::hours(7 * 24)},
                                 .ask_every = std::chrono::milliseconds(12500),
                                 .largest_answer = 4U << 20U,
                                 .ask_for_hooks = ask_for_hooks,
                                 .ask_for_page = ask_for_page,
                                 .ask_again = ask_again,
                                 .read_hooks = read_hooks,
                                 .read_page = read_page,
                                 .rights = rights};
  return provider;
}

}  // namespace cadence::recovery
