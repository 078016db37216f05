#include "base/text.hpp"
#include "feedback/forges/forges.hpp"

namespace cadence::feedback {

namespace {

constexpr std::size_t kLongestText = 255, kLongestServerUrl = 450;
constexpr const char* kName = "Cadence";
constexpr std::string_view kServerPath = "/rest/api/latest";

const char* state_of(State state) {
  switch (state) {
    case State::Pending:
      return "INPROGRESS";
    case State::Clean:
    case State::Suspicious:
      return "SUCCESSFUL";
    case State::Refused:
    case State::Unknown:
      return "FAILED";
  }
  return "FAILED";
}

json::Value body_of(const Status& status) {
  return {{"key", kContext},
          {"state", state_of(status.state)},
          {"name", kName},
          {"description", clipped_text(status.description, kLongestText)},
          {"url", status.url}};
}

net::Request say(const Status& status) {
  auto body = body_of(status);
  if (!status.branch.empty() && status.branch.size() <= kLongestText) body["refname"] = status.branch;
  return json_post(
      "/repositories/" + path_of_segments(status.full_name) + "/commit/" + status.commit + "/statuses/build",
      json::dump(body));
}

// "projects/KEY/repos/NAME/commits/SHA", of the API and of its pages.
std::string commit_path(const Status& status) {
  const auto slash = status.full_name.find('/');
  return "/projects/" + net::percent_encode(status.full_name.substr(0, slash)) + "/repos/" +
         net::percent_encode(status.full_name.substr(slash + 1)) + "/commits/" + status.commit;
}

net::Request say_to_server(const Status& status) {
  auto body = body_of(status);
  if (!status.branch.empty() && status.branch.size() <= kLongestText) body["ref"] = "refs/heads/" + status.branch;
  return json_post(commit_path(status) + "/builds", json::dump(body));
}

// An access token by itself, or "user:password" as Bitbucket's other tokens want it.
net::Header show(const std::string& token) {
  if (token.find(':') == std::string::npos) return bearer(token);
  return {"Authorization", "Basic " + base::to_base64(token)};
}

}  // namespace

const Forge& bitbucket() {
  static const Forge forge{.name = "bitbucket",
                           .event_type = "bitbucket_push",
                           .api_url = "https://api.bitbucket.org/2.0",
                           .api_path = "/2.0",
                           .say = say,
                           .show = show,
                           .commit_page = [](std::string_view, const Status& status) {
                             return "https://bitbucket.org/" + path_of_segments(status.full_name) + "/commits/" +
                                    status.commit;
                           }};
  return forge;
}

const Forge& bitbucket_server() {
  static const Forge forge{.name = "bitbucketServer",
                           .event_type = "bitbucket_server_push",
                           .api_path = kServerPath,
                           .longest_url = kLongestServerUrl,
                           .say = say_to_server,
                           .show = show,
                           .commit_page =
                               [](std::string_view api_url, const Status& status) {
                                 if (api_url.ends_with(kServerPath)) api_url.remove_suffix(kServerPath.size());
                                 return std::string(api_url) + commit_path(status);
                               },
                           .has_answer = false};
  return forge;
}

}  // namespace cadence::feedback
