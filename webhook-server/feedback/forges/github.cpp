#include "base/text.hpp"
#include "feedback/forges/forges.hpp"
#include "json/value.hpp"

namespace cadence::feedback {

namespace {

constexpr std::size_t kLongestDescription = 140;  // beyond that it is refused

// GitHub answers nobody who does not say who he is.
net::Request with_headers(net::Request request) {
  for (auto& header : request.headers)
    if (header.name == "Accept") header.value = "application/vnd.github+json";
  request.headers.push_back({"X-GitHub-Api-Version", "2022-11-28"});
  return request;
}

std::string repository(std::string_view full_name) { return "/repos/" + path_of_segments(full_name); }

const char* state_of(State state) {
  switch (state) {
    case State::Pending:
      return "pending";
    case State::Clean:
    case State::Suspicious:
      return "success";
    case State::Refused:
      return "failure";
    case State::Unknown:
      return "error";
  }
  return "error";
}

const char* conclusion_of(State state) {
  switch (state) {
    case State::Pending:
    case State::Clean:
      return "success";
    case State::Suspicious:
      return "neutral";
    case State::Refused:
    case State::Unknown:
      return "failure";
  }
  return "failure";
}

net::Request say(const Status& status) {
  return post_to_github(repository(status.full_name) + "/statuses/" + status.commit,
                        json::dump(status_body(status, kLongestDescription)));
}

}  // namespace

net::Request ask_github(std::string target) {
  return with_headers({"GET", std::move(target), {{"Accept", "application/json"}}, {}});
}

net::Request post_to_github(std::string target, std::string body) {
  return with_headers(json_post(std::move(target), std::move(body)));
}

json::Value status_body(const Status& status, std::size_t longest_description) {
  json::Value body = {{"state", state_of(status.state)},
                      {"context", kContext},
                      {"description", clipped_text(status.description, longest_description)}};
  if (!status.url.empty()) body["target_url"] = status.url;
  return body;
}

net::Header bearer(const std::string& token) { return {"Authorization", "Bearer " + token}; }

net::Request say_check_run(const Status& status, const std::string& id) {
  json::Value body = {{"name", kContext},
                      {"external_id", status.job_id},
                      {"output", {{"title", status.description}, {"summary", status.description}}}};
  if (!status.url.empty()) body["details_url"] = status.url;
  if (status.state == State::Pending) {
    body["status"] = "queued";
  } else {
    body["status"] = "completed";
    body["conclusion"] = conclusion_of(status.state);
  }
  if (id.empty()) body["head_sha"] = status.commit;
  auto request = post_to_github(repository(status.full_name) + "/check-runs", json::dump(body));
  if (!id.empty()) {
    request.method = "PATCH";
    request.target += "/" + net::percent_encode(id);
  }
  return request;
}

net::Request ask_for_check_runs(const Status& status) {
  return ask_github(repository(status.full_name) + "/commits/" + status.commit + "/check-runs?check_name=" + kContext +
                    "&filter=all&per_page=100");
}

std::string check_run_of(const json::Value& answer, const std::string& job_id) {
  const auto& runs = json::at_path(answer, {"check_runs"});
  if (!runs.is_array()) return {};
  for (const auto& run : runs) {
    const auto& id = json::at_path(run, {"id"});
    if (json::string_at(run, {"external_id"}) == job_id && id.is_number_integer())
      return std::to_string(id.get<std::int64_t>());
  }
  return {};
}

net::Request ask_for_installation(std::string_view full_name) {
  return ask_github(repository(full_name) + "/installation");
}

// Of all that the App may do, and of all repositories, what this one status needs.
net::Request ask_for_token(std::int64_t installation, std::string_view full_name) {
  const json::Value body = {{"repositories", {std::string(full_name.substr(full_name.rfind('/') + 1))}},
                            {"permissions", {{"checks", "write"}}}};
  return post_to_github("/app/installations/" + std::to_string(installation) + "/access_tokens", json::dump(body));
}

const Forge& github() {
  static const Forge forge{.name = "github",
                           .event_type = "github_push",
                           .api_url = "https://api.github.com",
                           .api_path = "/api/v3",
                           .say = say,
                           .show = bearer};
  return forge;
}

}  // namespace cadence::feedback
