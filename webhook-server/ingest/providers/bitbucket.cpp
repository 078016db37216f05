#include "ingest/providers/bitbucket.hpp"

#include "ingest/proofs.hpp"
#include "ingest/providers/push.hpp"
#include "net/http.hpp"

namespace cadence::ingest {

namespace {

const std::vector<Member> kCloudMembers = {
    {"repository.name", MemberType::Text},
    {"repository.full_name", MemberType::Text},
    {"repository.links.html.href", MemberType::Text},
    {"actor.display_name", MemberType::Text},
    {"actor.nickname", MemberType::Text},
    {"push.changes[].closed", MemberType::Bool},
    {"push.changes[].new.type", MemberType::Text},
    {"push.changes[].new.name", MemberType::Text},
    {"push.changes[].new.target.hash", MemberType::Text},
};

const std::vector<Member> kServerMembers = {
    {"repository.slug", MemberType::Text},
    {"repository.name", MemberType::Text},
    {"repository.project.key", MemberType::Text},
    {"repository.links.clone[].name", MemberType::Text},
    {"repository.links.clone[].href", MemberType::Text},
    {"actor.displayname", MemberType::Text},
    {"actor.name", MemberType::Text},
    {"changes[].ref.id", MemberType::Text},
    {"changes[].refid", MemberType::Text},
    {"changes[].tohash", MemberType::Text},
    {"changes[].type", MemberType::Text},
};

Begun prove(const net::RequestHead& head, Secrecy secrets, base::Wall) {
  const auto header = net::find_header(head.headers, "X-Hub-Signature");
  if (header.empty())
    return Refusal{"missing signature", "missing_signature", "X-Hub-Signature is required: give the webhook a secret"};
  auto signature = parse_signature(header);
  if (!signature)
    return Refusal{"invalid signature", "invalid_signature", "X-Hub-Signature must be sha256=<64 hex digits>"};
  return hmac_of_body(std::move(secrets), std::move(*signature));
}

std::string at(std::string_view list, std::size_t place, std::string_view member) {
  return std::string(list) + "[" + std::to_string(place) + "]" + std::string(member);
}

base::Result<Event> read_cloud(const net::RequestHead& head, std::string_view body) {
  const auto event = net::find_header(head.headers, "X-Event-Key");
  if (!event.empty() && event != "repo:push") return Event(Ignored{std::string(event), {}});
  const auto members = read_members(body, net::find_header(head.headers, "Content-Type"), kCloudMembers);
  if (!members) return members.error();
  queue::JobSpec spec;
  spec.event_type = "bitbucket_push";
  spec.url = first_of(*members, {"repository.links.html.href"});
  spec.full_name = first_of(*members, {"repository.full_name"});
  spec.repo = spec.full_name.substr(spec.full_name.rfind('/') + 1);
  if (spec.repo.empty()) spec.repo = first_of(*members, {"repository.name"});
  spec.author = first_of(*members, {"actor.display_name", "actor.nickname"});
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < kMostListed; ++i) {
    const auto name = first_of(*members, {at("push.changes", i, ".new.name")});
    const bool is_closed = first_of(*members, {at("push.changes", i, ".closed")}) == "true";
    if (name.empty() && !is_closed) continue;
    const auto type = first_of(*members, {at("push.changes", i, ".new.type")});
    const bool is_tag = type == "tag" || type == "annotated_tag";
    moved.push_back({(is_tag ? "refs/tags/" : "refs/heads/") + name,
                     first_of(*members, {at("push.changes", i, ".new.target.hash")}), name.empty()});
  }
  return event_of(spec, moved);
}

// By HTTP, for the key that SSH needs is another configuration.
std::string clone_url(const Members& members) {
  std::string any;
  for (std::size_t i = 0; i < kMostListed; ++i) {
    const auto href = first_of(members, {at("repository.links.clone", i, ".href")});
    if (first_of(members, {at("repository.links.clone", i, ".name")}).starts_with("http")) return href;
    if (any.empty()) any = href;
  }
  return any;
}

base::Result<Event> read_server(const net::RequestHead& head, std::string_view body) {
  const auto event = net::find_header(head.headers, "X-Event-Key");
  if (!event.empty() && event != "repo:refs_changed") return Event(Ignored{std::string(event), {}});
  const auto members = read_members(body, net::find_header(head.headers, "Content-Type"), kServerMembers);
  if (!members) return members.error();
  queue::JobSpec spec;
  spec.event_type = "bitbucket_server_push";
  spec.url = clone_url(*members);
  spec.repo = first_of(*members, {"repository.slug", "repository.name"});
  if (const auto project = first_of(*members, {"repository.project.key"}); !project.empty())
    spec.full_name = project + "/" + spec.repo;
  spec.author = first_of(*members, {"actor.displayname", "actor.name"});
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < kMostListed; ++i) {
    auto ref = first_of(*members, {at("changes", i, ".ref.id"), at("changes", i, ".refid")});
    if (ref.empty()) continue;
    moved.push_back({std::move(ref), first_of(*members, {at("changes", i, ".tohash")}),
                     first_of(*members, {at("changes", i, ".type")}) == "DELETE"});
  }
  return event_of(spec, moved);
}

}  // namespace

const Provider& bitbucket() {
  static const Provider provider{.name = "bitbucket",
                                 .marks = {"X-Hook-UUID"},
                                 .id_headers = {"X-Request-UUID"},
                                 .prove = prove,
                                 .read = read_cloud};
  return provider;
}

const Provider& bitbucket_server() {
  static const Provider provider{.name = "bitbucketServer",
                                 .marks = {"X-Event-Key"},
                                 .id_headers = {"X-Request-Id"},
                                 .url_segment = "scm",
                                 .prove = prove,
                                 .read = read_server};
  return provider;
}

}  // namespace cadence::ingest
