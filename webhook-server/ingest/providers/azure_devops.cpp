#include "ingest/providers/azure_devops.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ingest/proofs.hpp"
#include "ingest/providers/push.hpp"
#include "net/http.hpp"

namespace cadence::ingest {

namespace {

const std::vector<Member> kMembers = {
    {"id", MemberType::Text},
    {"resource.refupdates[].name", MemberType::Text},
    {"resource.refupdates[].newobjectid", MemberType::Text},
    {"resource.repository.name", MemberType::Text},
    {"resource.repository.remoteurl", MemberType::Text},
    {"resource.pushedby.displayname", MemberType::Text},
    {"resource.pushedby.uniquename", MemberType::Text},
};

constexpr std::string_view kSegment = "_git";

Begun prove(const net::RequestHead& head, Secrecy secrets, base::Wall) {
  constexpr std::string_view kScheme = "basic ";
  const auto header = net::find_header(head.headers, "Authorization");
  if (!base::equals_ignoring_case(header.substr(0, kScheme.size()), kScheme))
    return Refusal{"missing credentials", "missing_credentials", "Authorization: Basic is required"};
  const auto given = base::from_base64(base::trim(header.substr(kScheme.size())));
  const auto colon = given ? given->find(':') : std::string::npos;
  if (colon == std::string::npos)
    return Refusal{"invalid credentials", "invalid_credentials",
                   "Authorization: Basic must be USER:PASSWORD in base64"};
  auto matching = secrets_equal_to(*secrets, *given);
  // A secret that names no user is every user's password; one that has a colon never equals a password alone.
  const auto password = std::string_view(*given).substr(colon + 1);
  if (password.find(':') == std::string_view::npos)
    for (const auto* secret : secrets_equal_to(*secrets, password)) matching.push_back(secret);
  if (matching.empty())
    return Refusal{"invalid credentials", "invalid_credentials", "no configured secret is this user's password"};
  return proven(std::move(secrets), std::move(matching));
}

// "organisation/project/repository" of the URL: the body has no name in one piece.
std::string full_name_of(const std::string& url) {
  const auto authority = url.find("://");
  const auto slash = authority == std::string::npos ? authority : url.find('/', authority + 3);
  if (slash == std::string::npos) return {};
  auto parts = base::split(url.substr(slash + 1), '/');
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  const auto segment = std::find(parts.begin(), parts.end(), kSegment);
  if (segment == parts.end()) return {};
  parts.erase(segment);
  return base::join(parts, "/");
}

base::Result<Event> read(const net::RequestHead& head, std::string_view body) {
  const auto content_type = net::find_header(head.headers, "Content-Type");
  const auto event = event_in(content_type, body, {"eventtype"});
  if (!event) return event.error();
  if (!event->empty() && *event != "git.push") return Event(Ignored{*event, {}});
  const auto members = read_members(body, content_type, kMembers);
  if (!members) return members.error();
  queue::JobSpec spec;
  spec.event_type = "azure_devops_push";
  spec.url = first_of(*members, {"resource.repository.remoteurl"});
  spec.full_name = full_name_of(spec.url);
  spec.repo = first_of(*members, {"resource.repository.name"});
  if (spec.repo.empty()) spec.repo = spec.full_name.substr(spec.full_name.rfind('/') + 1);
  spec.author = first_of(*members, {"resource.pushedby.displayname", "resource.pushedby.uniquename"});
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < kMostListed; ++i) {
    const auto at = "resource.refupdates[" + std::to_string(i) + "]";
    auto ref = first_of(*members, {at + ".name"});
    if (!ref.empty()) moved.push_back({std::move(ref), first_of(*members, {at + ".newobjectid"})});
  }
  return event_of(spec, moved, first_of(*members, {"id"}));
}

}  // namespace

const Provider& azure_devops() {
  static const Provider provider{
      .name = "azureDevOps",
      .marks = {"Authorization"},
      // whoever captured a delivery has its password
      .remembers_bodies = false,
      .url_segment = kSegment,
      .prove = prove,
      .read = read,
      .unproven = {"invalid credentials", "invalid_credentials", "no configured secret is this user's password"}};
  return provider;
}

}  // namespace cadence::ingest
