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

std::optional<Ignored> ignored_ref(std::string_view ref, std::string_view after, bool is_deleted) {
  const bool is_all_zeros = !after.empty() && std::all_of(after.begin(), after.end(), [](char c) { return c == '0'; });
  if (is_all_zeros || is_deleted) return Ignored{"push", "ref deleted"};
  if (ref.starts_with("refs/tags/")) return Ignored{"push", "tag"};
  return std::nullopt;
}

std::string branch_of(std::string_view ref) {
  constexpr std::string_view kBranches = "refs/heads/";
  return std::string(ref.starts_with(kBranches) ? ref.substr(kBranches.size()) : ref);
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

}  // namespace cadence::ingest
