#include "feedback/forges/forges.hpp"

namespace cadence::feedback {

namespace {

constexpr std::size_t kLongestText = 255;

const char* state_of(State state) {
  switch (state) {
    case State::Pending:
      return "pending";
    case State::Clean:
    case State::Suspicious:
      return "success";
    case State::Refused:
    case State::Unknown:
      return "failed";
  }
  return "failed";
}

net::Request say(const Status& status) {
  json::Value body = {{"state", state_of(status.state)},
                      {"name", kContext},
                      {"description", clipped_text(status.description, kLongestText)}};
  if (!status.url.empty()) body["target_url"] = status.url;
  if (!status.branch.empty() && status.branch.size() <= kLongestText) body["ref"] = status.branch;
  // The whole path is one segment: GitLab takes it for the project's number.
  return json_post("/projects/" + net::percent_encode(status.full_name) + "/statuses/" + status.commit,
                   json::dump(body));
}

}  // namespace

const Forge& gitlab() {
  static const Forge forge{.name = "gitlab",
                           .event_type = "gitlab_push",
                           .api_url = "https://gitlab.com/api/v4",
                           .api_path = "/api/v4",
                           .is_nested = true,
                           .longest_url = kLongestText,
                           .say = say,
                           .show = [](const std::string& token) {
                             return net::Header{"PRIVATE-TOKEN", token};
                           }};
  return forge;
}

}  // namespace cadence::feedback
