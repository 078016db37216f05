#include "ingest/providers/gitlab.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ingest/proofs.hpp"
#include "ingest/providers/push.hpp"
#include "net/http.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

namespace {

const std::vector<Member> kMembers = {
    {"ref", MemberType::Text},
    {"before", MemberType::Text},
    {"after", MemberType::Text},
    {"checkout_sha", MemberType::Text},
    {"user_name", MemberType::Text},
    {"user_username", MemberType::Text},
    {"project.id", MemberType::Integer},
    {"project.name", MemberType::Text},
    {"project.path_with_namespace", MemberType::Text},
    {"project.git_http_url", MemberType::Text},
    {"project.http_url", MemberType::Text},
    {"project.web_url", MemberType::Text},
    {"repository.name", MemberType::Text},
    {"repository.git_http_url", MemberType::Text},
    {"commits[].id", MemberType::Text, false},
    {"commits[].message", MemberType::Text, false},
    {"commits[].timestamp", MemberType::Text, false},
    {"commits[].author.name", MemberType::Text, false},
    {"commits[].author.email", MemberType::Text, false},
    {"commits[].added", MemberType::TextList, false},
    {"commits[].modified", MemberType::TextList, false},
    {"commits[].removed", MemberType::TextList, false},
};

const Refusal kUnproven{"invalid or missing token", "invalid_token", "no configured token made this delivery"};

// A hook that is about to change from one token to the other sends both: either will do.
class Either final : public Proof {
 public:
  Either(std::unique_ptr<Proof> a, std::unique_ptr<Proof> b) : a_(std::move(a)), b_(std::move(b)) {}
  void update(std::string_view piece) override {
    a_->update(piece);
    b_->update(piece);
  }
  std::vector<const Secret*> finish(std::string_view body) override {
    auto all = a_->finish(body);
    for (const auto* secret : b_->finish(body))
      if (std::find(all.begin(), all.end(), secret) == all.end()) all.push_back(secret);
    return all;
  }

 private:
  std::unique_ptr<Proof> a_, b_;
};

Begun prove(const net::RequestHead& head, Secrecy secrets, base::Wall now) {
  const auto token = net::find_header(head.headers, "X-Gitlab-Token");
  const bool is_signed = !net::find_header(head.headers, "webhook-signature").empty();
  if (token.empty() && !is_signed)
    return Refusal{kUnproven.error, "missing_token", "X-Gitlab-Token or webhook-signature is required"};
  auto matching = token.empty() ? std::vector<const Secret*>() : secrets_equal_to(*secrets, token);
  if (!is_signed && matching.empty()) return kUnproven;
  auto by_token = proven(secrets, std::move(matching));
  if (!is_signed) return by_token;
  auto by_signature = standard_proof(head, std::move(secrets), now);
  if (auto* proof = std::get_if<std::unique_ptr<Proof>>(&by_signature))
    return std::make_unique<Either>(std::move(by_token), std::move(*proof));
  if (!by_token->finish({}).empty()) return by_token;
  auto refusal = std::get<Refusal>(by_signature);
  refusal.error = kUnproven.error;
  return refusal;
}

base::Result<Event> read(const net::RequestHead& head, std::string_view body) {
  const std::string header(net::find_header(head.headers, "X-Gitlab-Event"));
  const auto content_type = net::find_header(head.headers, "Content-Type");
  if (header == "Tag Push Hook") return Event(Ignored{"push", "tag"});
  if (!header.empty() && header != "Push Hook" && header != "System Hook") return Event(Ignored{header, {}});
  if (!is_json(content_type))
    return base::Error{base::ErrorKind::Invalid, "send JSON with Content-Type: application/json"};
  if (header != "Push Hook") {  // a system hook's header does not tell what happened
    const auto kind = event_in(content_type, body, {"object_kind", "event_name"});
    if (!kind) return kind.error();
    if (*kind == "tag_push") return Event(Ignored{"push", "tag"});
    if (!kind->empty() && *kind != "push") return Event(Ignored{*kind, {}});
  }
  const auto members = read_members(body, content_type, kMembers);
  if (!members) return members.error();
  queue::JobSpec spec;
  spec.event_type = "gitlab_push";
  spec.url =
      first_of(*members, {"project.git_http_url", "project.http_url", "project.web_url", "repository.git_http_url"});
  spec.full_name = first_of(*members, {"project.path_with_namespace"});
  spec.repo = first_of(*members, {"project.name", "repository.name"});
  if (spec.repo.empty()) spec.repo = spec.full_name.substr(spec.full_name.rfind('/') + 1);
  spec.author = first_of(*members, {"user_name", "user_username"});
  // Before 17.4 nothing names the delivery. All events of one request share this id, so it is none without the body.
  std::string id;
  if (const auto event = net::find_header(head.headers, "X-Gitlab-Event-UUID"); !event.empty())
    id = std::string(event) + " " + base::to_hex(net::sha256(body));
  return event_of(spec, {{first_of(*members, {"ref"}), first_of(*members, {"after", "checkout_sha"})}}, std::move(id));
}

}  // namespace

const Provider& gitlab() {
  static const Provider provider{.name = "gitlab",
                                 .marks = {"X-Gitlab-Event", "X-Gitlab-Token"},
                                 .id_headers = {"webhook-id", "Idempotency-Key"},
                                 // whoever captured a delivery has its token, or its signed id
                                 .remembers_bodies = false,
                                 .prove = prove,
                                 .read = read,
                                 .unproven = kUnproven};
  return provider;
}

}  // namespace cadence::ingest
