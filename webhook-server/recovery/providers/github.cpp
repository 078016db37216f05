// GitHub: GET …/hooks, GET …/hooks/ID/deliveries, POST …/deliveries/ID/attempts; of an App below /app/hook. Deliveries
// are kept for three days and never sent again by GitHub itself.
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
  switch (place.kind) {
    case Place::Kind::Repository:
      return "/repos/" + feedback::path_of_segments(place.name) + "/hooks";
    case Place::Kind::Owner:
      return "/orgs/" + net::percent_encode(place.name) + "/hooks";
    case Place::Kind::App:
      return "/app/hook";
  }
  return {};
}

std::string deliveries(const Place& place, std::int64_t hook) {
  return hooks(place) + (place.kind == Place::Kind::App ? "" : "/" + std::to_string(hook)) + "/deliveries";
}

std::string of_try(const Place& place, std::int64_t hook, std::int64_t attempt) {
  return deliveries(place, hook) + "/" + std::to_string(attempt);
}

net::Request ask_for_hooks(const Place& place) {
  return feedback::ask_github(hooks(place) + (place.kind == Place::Kind::App ? "/config" : "?per_page=100"));
}

net::Request ask_for_page(const Place& place, std::int64_t hook, const std::string& cursor) {
  return feedback::ask_github(deliveries(place, hook) + "?per_page=100" +
                              (cursor.empty() ? "" : "&cursor=" + net::percent_encode(cursor)));
}

net::Request ask_for_try(const Place& place, std::int64_t hook, std::int64_t attempt) {
  return feedback::ask_github(of_try(place, hook, attempt));
}

net::Request ask_again(const Place& place, std::int64_t hook, std::int64_t attempt) {
  return feedback::post_to_github(of_try(place, hook, attempt) + "/attempts", "{}");
}

Hook hook_of(const json::Value& value) {
  Hook hook{json::integer_at(value, {"id"}), json::string_at(value, {"config", "url"})};
  const auto& events = json::at_path(value, {"events"});
  hook.sends_pushes = false;
  if (events.is_array())
    for (const auto& event : events) hook.sends_pushes |= event == json::Value("push") || event == json::Value("*");
  if (json::at_path(value, {"active"}) == json::Value(false)) hook.asleep = "it is switched off: make it active";
  return hook;
}

Result<std::vector<Hook>> read_hooks(const json::Value& body) {
  // Of an App: its one hook's configuration. Which events it is sent is said elsewhere.
  if (body.is_object() && json::at_path(body, {"url"}).is_string())
    return std::vector<Hook>{{.id = 0, .url = json::string_at(body, {"url"})}};
  if (body.is_object() && json::integer_at(body, {"id"}) > 0) return std::vector<Hook>{hook_of(body)};
  return hooks_in(body, hook_of);
}

Result<Page> read_page(const json::Value& body, const std::vector<net::Header>& headers) {
  if (!body.is_array()) return Error{ErrorKind::Transient, "its answer was no list of deliveries"};
  Page page;
  for (const auto& one : body) {
    Attempt attempt;
    attempt.id = json::integer_at(one, {"id"});
    attempt.at = base::parse_rfc3339(json::string_at(one, {"delivered_at"}));
    if (attempt.id <= 0 || attempt.at == base::Wall{})
      return Error{ErrorKind::Transient, "its list has a delivery without an id or a time"};
    attempt.status = static_cast<int>(json::integer_at(one, {"status_code"}));
    attempt.repository_id = json::integer_at(one, {"repository_id"});
    if (json::string_at(one, {"event"}) == "push") attempt.delivery = json::string_at(one, {"guid"});
    page.rows.push_back(std::move(attempt));
  }
  page.cursor = next_cursor(headers, "cursor");
  return page;
}

std::string read_repository(const json::Value& body) {
  return json::string_at(body, {"request", "payload", "repository", "full_name"});
}

std::string rights(const Place& place) {
  switch (place.kind) {
    case Place::Kind::Repository:
      return "repository webhooks: read and write (classic: admin:repo_hook)";
    case Place::Kind::Owner:
      return "organisation webhooks: read and write (classic: admin:org_hook)";
    case Place::Kind::App:
      return "the App's own key";
  }
  return {};
}

}  // namespace

const Provider& github() {
  static const Provider provider{.name = "github",
                                 .forge = feedback::github,
                                 .rules = {},
                                 .ask_every = std::chrono::milliseconds(1000),
                                 .ask_for_hooks = ask_for_hooks,
                                 .ask_for_page = ask_for_page,
                                 .ask_for_try = ask_for_try,
                                 .ask_again = ask_again,
                                 .read_hooks = read_hooks,
                                 .read_page = read_page,
                                 .read_repository = read_repository,
                                 .rights = rights};
  return provider;
}

}  // namespace cadence::recovery
