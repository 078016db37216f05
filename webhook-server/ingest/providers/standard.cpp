#include "ingest/providers/standard.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ingest/proofs.hpp"
#include "ingest/providers/push.hpp"
#include "net/http.hpp"

namespace cadence::ingest {

namespace {

constexpr std::string_view kData = "data.";

std::vector<Member> members_of_both_shapes() {
  // What member paths point to must outlive them.
  static const auto nested = [] {
    std::vector<std::string> paths;
    for (const auto& member : common_push_members()) paths.push_back(std::string(kData) + std::string(member.path));
    return paths;
  }();
  std::vector<Member> all;
  for (std::size_t i = 0; i < nested.size(); ++i) {
    const auto& member = common_push_members()[i];
    all.push_back(member);
    all.push_back({nested[i], member.type, member.is_kept});
  }
  return all;
}

bool is_push(const std::string& type) {
  const auto parts = base::split(type, '.');
  return type.empty() || std::find(parts.begin(), parts.end(), "push") != parts.end();
}

base::Result<Event> read(const net::RequestHead& head, std::string_view body) {
  static const auto wanted = members_of_both_shapes();
  const auto content_type = net::find_header(head.headers, "Content-Type");
  const auto type = event_in(content_type, body, {"type"});
  if (!type) return type.error();
  if (!is_push(*type)) return Event(Ignored{*type, {}});
  const auto members = read_members(body, content_type, wanted);
  if (!members) return members.error();
  Members push;
  for (const auto& [path, value] : *members)
    if (!path.starts_with(kData)) push[path] = value;
  for (const auto& [path, value] : *members)
    if (path.starts_with(kData)) push[path.substr(kData.size())] = value;
  return common_push(push, "standard_push");
}

}  // namespace

const Provider& standard() {
  static const Provider provider{.name = "standard",
                                 .marks = {"webhook-signature"},
                                 .id_headers = {"webhook-id"},
                                 .remembers_bodies = false,  // the id is signed with the body
                                 .check_secret = check_standard_secret,
                                 .prove = standard_proof,
                                 .read = read};
  return provider;
}

}  // namespace cadence::ingest
