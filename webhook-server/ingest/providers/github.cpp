#include "ingest/providers/github.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "ingest/payload.hpp"
#include "net/http.hpp"
#include "net/pki.hpp"

namespace cadence::ingest::github {

namespace {

using base::Result;

const std::vector<Member> kPushMembers = {
    {"ref", MemberType::Text},
    {"before", MemberType::Text},
    {"after", MemberType::Text},
    {"deleted", MemberType::Bool},
    {"repository.id", MemberType::Integer},
    {"repository.name", MemberType::Text},
    {"repository.full_name", MemberType::Text},
    {"repository.clone_url", MemberType::Text},
    {"repository.git_http_url", MemberType::Text},
    {"repository.url", MemberType::Text},
    {"repository.html_url", MemberType::Text},
    {"pusher.name", MemberType::Text},
    {"pusher.email", MemberType::Text},
    {"commits[].id", MemberType::Text},
    {"commits[].message", MemberType::Text},
    {"commits[].timestamp", MemberType::Text},
    {"commits[].author.name", MemberType::Text},
    {"commits[].author.email", MemberType::Text},
    {"commits[].added", MemberType::TextList},
    {"commits[].modified", MemberType::TextList},
    {"commits[].removed", MemberType::TextList},
};

// GitHub's other encoding: application/x-www-form-urlencoded with the JSON in `payload`.
std::optional<std::string> form_payload(std::string_view body) {
  for (const auto& field : base::split(body, '&')) {
    if (!field.starts_with("payload=")) continue;
    return net::percent_decode(base::replace_all(field.substr(8), "+", " "));
  }
  return std::nullopt;
}

std::string first_of(const Members& members, std::initializer_list<std::string_view> paths) {
  for (const auto path : paths)
    if (const auto it = members.find(path); it != members.end() && !it->second.empty()) return it->second;
  return {};
}

}  // namespace

Result<Event> read_event(std::string_view event_header, std::string_view content_type, std::string_view body) {
  // No header counts as a push: that is what callers of the older server rely on.
  if (!event_header.empty() && event_header != "push") return Event(Ignored{std::string(event_header), {}});
  std::string decoded;
  // Plain JSON under that type is taken as well: the older server never looked at the type, and curl sends it by
  // default.
  const bool is_form =
      base::to_lower(content_type.substr(0, content_type.find(';'))).starts_with("application/x-www-form-urlencoded");
  if (is_form && !base::trim(body.substr(0, 64)).starts_with('{')) {
    auto payload = form_payload(body);
    if (!payload)
      return base::Error{base::ErrorKind::Invalid, "the form has no field payload; GitHub sends the JSON in it"};
    decoded = std::move(*payload);
    if (base::trim(decoded).empty()) return base::Error{base::ErrorKind::Invalid, "the form's field payload is empty"};
    body = decoded;
  }
  auto members = read_members(body, content_type, kPushMembers);
  if (!members) return members.error();
  const auto ref = first_of(*members, {"ref"});
  const auto after = first_of(*members, {"after"});
  const bool is_all_zeros = !after.empty() && std::all_of(after.begin(), after.end(), [](char c) { return c == '0'; });
  if (is_all_zeros || first_of(*members, {"deleted"}) == "true") return Event(Ignored{"push", "ref deleted"});
  if (ref.starts_with("refs/tags/")) return Event(Ignored{"push", "tag"});

  constexpr std::string_view kBranches = "refs/heads/";
  queue::JobSpec spec;
  spec.event_type = "github_push";
  spec.url =
      first_of(*members, {"repository.clone_url", "repository.git_http_url", "repository.url", "repository.html_url"});
  spec.full_name = first_of(*members, {"repository.full_name"});
  spec.repo = first_of(*members, {"repository.name"});
  if (spec.repo.empty()) spec.repo = spec.full_name.substr(spec.full_name.rfind('/') + 1);
  spec.branch = ref.starts_with(kBranches) ? ref.substr(kBranches.size()) : ref;
  spec.commit = after;
  spec.author = first_of(*members, {"pusher.name"});
  return Event(std::move(spec));
}

Keys keys_of(std::string_view scope, std::string_view repository, std::string_view delivery_header,
             std::string_view body) {
  // Lengths keep the parts apart whatever they hold.
  const auto name = base::to_lower(repository);
  const auto key = [&](std::string_view kind, std::string_view value) {
    std::string text = "github";
    for (const auto part : {kind, scope, std::string_view(name), value})
      text += " " + std::to_string(part.size()) + " " + std::string(part);
    return net::sha256(text).substr(0, 16);
  };
  auto of_body = key("body", net::sha256(body));
  if (delivery_header.empty()) return {std::move(of_body), {}};
  return {key("id", delivery_header), std::move(of_body)};
}

}  // namespace cadence::ingest::github
