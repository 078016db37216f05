#include "ingest/providers/push.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/http.hpp"

namespace cadence::ingest {

std::string first_of(const Members& members, std::initializer_list<std::string_view> paths) {
  for (const auto path : paths)
    if (const auto it = members.find(path); it != members.end() && !it->second.empty()) return it->second;
  return {};
}

base::Result<std::string> event_in(std::string_view content_type, std::string_view body,
                                   std::initializer_list<std::string_view> paths) {
  std::vector<Member> wanted;
  for (const auto path : paths) wanted.push_back({path, MemberType::Text});
  const auto members = read_members(body, content_type, wanted);
  if (!members) return members.error();
  return first_of(*members, paths);
}

std::optional<Ignored> ignored_ref(const Moved& moved) {
  const auto& after = moved.after;
  const bool is_all_zeros = !after.empty() && std::all_of(after.begin(), after.end(), [](char c) { return c == '0'; });
  if (is_all_zeros || moved.is_deleted) return Ignored{"push", "ref deleted"};
  if (moved.ref.starts_with("refs/tags/")) return Ignored{"push", "tag"};
  return std::nullopt;
}

std::string branch_of(std::string_view ref) {
  constexpr std::string_view kBranches = "refs/heads/";
  return std::string(ref.starts_with(kBranches) ? ref.substr(kBranches.size()) : ref);
}

Event event_of(const queue::JobSpec& repository, const std::vector<Moved>& moved, std::string id) {
  if (moved.empty()) return Push{{repository}, std::move(id)};
  Push push{{}, std::move(id)};
  std::optional<Ignored> why;
  for (const auto& one : moved) {
    if (auto ignored = ignored_ref(one)) {
      if (!why) why = std::move(ignored);
      continue;
    }
    auto spec = repository;
    spec.branch = branch_of(one.ref);
    spec.commit = one.after;
    push.jobs.push_back(std::move(spec));
  }
  if (push.jobs.empty()) return *why;
  return push;
}

bool is_form(std::string_view content_type, std::string_view body) {
  return base::to_lower(content_type.substr(0, content_type.find(';')))
             .starts_with("application/x-www-form-urlencoded") &&
         !base::trim(body.substr(0, 64)).starts_with('{');
}

base::Result<std::string> form_payload(std::string_view body) {
  for (const auto& field : base::split(body, '&')) {
    if (!field.starts_with("payload=")) continue;
    auto payload = net::percent_decode(base::replace_all(field.substr(8), "+", " "));
    if (base::trim(payload).empty()) return base::Error{base::ErrorKind::Invalid, "the form's field payload is empty"};
    return payload;
  }
  return base::Error{base::ErrorKind::Invalid, "the form has no field payload; the sender puts the JSON in it"};
}

const std::vector<Member>& common_push_members() {
  constexpr bool kChecked = false;  // and not kept
  static const std::vector<Member> members = {
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
      {"pusher.login", MemberType::Text},
      {"pusher.username", MemberType::Text},
      {"pusher.email", MemberType::Text},
      {"commits[].id", MemberType::Text, kChecked},
      {"commits[].message", MemberType::Text, kChecked},
      {"commits[].timestamp", MemberType::Text, kChecked},
      {"commits[].author.name", MemberType::Text, kChecked},
      {"commits[].author.email", MemberType::Text, kChecked},
      {"commits[].added", MemberType::TextList, kChecked},
      {"commits[].modified", MemberType::TextList, kChecked},
      {"commits[].removed", MemberType::TextList, kChecked},
  };
  return members;
}

Event common_push(const Members& members, const char* event_type) {
  queue::JobSpec spec;
  spec.event_type = event_type;
  spec.url =
      first_of(members, {"repository.clone_url", "repository.git_http_url", "repository.url", "repository.html_url"});
  spec.full_name = first_of(members, {"repository.full_name"});
  spec.repo = first_of(members, {"repository.name"});
  if (spec.repo.empty()) spec.repo = spec.full_name.substr(spec.full_name.rfind('/') + 1);
  spec.author = first_of(members, {"pusher.name", "pusher.login", "pusher.username"});
  return event_of(
      spec, {{first_of(members, {"ref"}), first_of(members, {"after"}), first_of(members, {"deleted"}) == "true"}});
}

base::Result<Event> read_common_push(std::string_view content_type, std::string_view body, const char* event_type) {
  std::string decoded;
  if (is_form(content_type, body)) {
    auto payload = form_payload(body);
    if (!payload) return payload.error();
    decoded = std::move(*payload);
    body = decoded;
  }
  const auto members = read_members(body, content_type, common_push_members());
  if (!members) return members.error();
  return common_push(*members, event_type);
}

}  // namespace cadence::ingest
