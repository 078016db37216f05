#include "feedback/forges/forges.hpp"

namespace cadence::feedback {

namespace {

constexpr std::size_t kLongestDescription = 255;

net::Request say(const Status& status) {
  return json_post("/repos/" + path_of_segments(status.full_name) + "/statuses/" + status.commit,
                   json::dump(status_body(status, kLongestDescription)));
}

Forge forge_of(std::string_view name, std::string_view event_type) {
  return {
      .name = name, .event_type = event_type, .api_path = "/api/v1", .say = say, .show = [](const std::string& token) {
        return net::Header{"Authorization", "token " + token};
      }};
}

}  // namespace

const Forge& gitea() {
  static const Forge forge = forge_of("gitea", "gitea_push");
  return forge;
}

const Forge& forgejo() {
  static const Forge forge = forge_of("forgejo", "forgejo_push");
  return forge;
}

}  // namespace cadence::feedback
