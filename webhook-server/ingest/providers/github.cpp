#include "ingest/providers/github.hpp"

#include "ingest/proofs.hpp"
#include "ingest/providers/push.hpp"
#include "net/http.hpp"

namespace cadence::ingest {

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

Begun prove(const net::RequestHead& head, Secrecy secrets, base::Wall) {
  const auto header = net::find_header(head.headers, "X-Hub-Signature-256");
  if (header.empty()) return Refusal{"missing signature", "missing_signature", "X-Hub-Signature-256 is required"};
  auto signature = parse_signature(header);
  if (!signature)
    return Refusal{"invalid signature", "invalid_signature", "X-Hub-Signature-256 must be sha256=<64 hex digits>"};
  return hmac_of_body(std::move(secrets), std::move(*signature));
}

Result<Event> read(const net::RequestHead& head, std::string_view body) {
  const auto event = net::find_header(head.headers, "X-GitHub-Event");
  const auto content_type = net::find_header(head.headers, "Content-Type");
  // No header counts as a push: that is what callers of the older server rely on.
  if (!event.empty() && event != "push") return Event(Ignored{std::string(event), {}});
  std::string decoded;
  if (is_form(content_type, body)) {
    auto payload = form_payload(body);
    if (!payload) return payload.error();
    decoded = std::move(*payload);
    body = decoded;
  }
  const auto members = read_members(body, content_type, kPushMembers);
  if (!members) return members.error();
  const auto ref = first_of(*members, {"ref"});
  const auto after = first_of(*members, {"after"});
  if (auto ignored = ignored_ref(ref, after, first_of(*members, {"deleted"}) == "true")) return Event(*ignored);

  queue::JobSpec spec;
  spec.event_type = "github_push";
  spec.url =
      first_of(*members, {"repository.clone_url", "repository.git_http_url", "repository.url", "repository.html_url"});
  spec.full_name = first_of(*members, {"repository.full_name"});
  spec.repo = first_of(*members, {"repository.name"});
  if (spec.repo.empty()) spec.repo = spec.full_name.substr(spec.full_name.rfind('/') + 1);
  spec.branch = branch_of(ref);
  spec.commit = after;
  spec.author = first_of(*members, {"pusher.name"});
  return Event(Push{{std::move(spec)}});
}

}  // namespace

const Provider& github() {
  static const Provider provider{.name = "github",
                                 .marks = {"X-GitHub-Event", "X-Hub-Signature-256"},
                                 .id_headers = {"X-GitHub-Delivery"},
                                 .prove = prove,
                                 .read = read};
  return provider;
}

}  // namespace cadence::ingest
