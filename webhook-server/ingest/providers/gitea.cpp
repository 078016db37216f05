#include "ingest/providers/gitea.hpp"

#include "ingest/proofs.hpp"
#include "ingest/providers/push.hpp"
#include "net/http.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

namespace {

// The headers of one of the three: newer ones send the older ones' too.
struct Headers {
  std::vector<std::string_view> signatures, events;
};
const Headers kGitea{{"X-Gitea-Signature"}, {"X-Gitea-Event"}};
const Headers kForgejo{{"X-Forgejo-Signature", "X-Gitea-Signature"}, {"X-Forgejo-Event", "X-Gitea-Event"}};
const Headers kGogs{{"X-Gogs-Signature"}, {"X-Gogs-Event"}};

std::string_view first_header(const net::RequestHead& head, const std::vector<std::string_view>& names) {
  for (const auto name : names)
    if (const auto value = net::find_header(head.headers, name); !value.empty()) return value;
  return {};
}

template <const Headers& headers>
Begun prove(const net::RequestHead& head, Secrecy secrets, base::Wall) {
  const std::string name(headers.signatures.front());
  const auto header = first_header(head, headers.signatures);
  // It is sent without a value where the hook has no secret.
  if (header.empty())
    return Refusal{"missing signature", "missing_signature", name + " is required: give the webhook a secret"};
  auto signature = parse_signature(header, "");
  if (!signature) return Refusal{"invalid signature", "invalid_signature", name + " must be 64 hex digits"};
  const auto type = net::find_header(head.headers, "Content-Type");
  return is_form(type, "") ? hmac_of_form(std::move(secrets), std::move(*signature))
                           : hmac_of_body(std::move(secrets), std::move(*signature));
}

base::Result<Event> read(const net::RequestHead& head, std::string_view body, const Headers& headers,
                         const char* event_type) {
  const auto event = first_header(head, headers.events);
  if (!event.empty() && event != "push") return Event(Ignored{std::string(event), {}});
  const auto type = net::find_header(head.headers, "Content-Type");
  auto read = read_common_push(type, body, event_type);
  // What else a form has is signed by nobody, and one JSON can be escaped in many ways.
  if (auto* push = read ? std::get_if<Push>(&*read) : nullptr; push != nullptr && is_form(type, body))
    push->digest = net::sha256(form_payload(body).value());
  return read;
}

}  // namespace

const Provider& gitea() {
  static const Provider provider{
      .name = "gitea",
      .marks = {"X-Gitea-Event", "X-Gitea-Signature"},
      .id_headers = {"X-Gitea-Delivery"},
      .prove = prove<kGitea>,
      .read = [](auto& head, auto body) { return read(head, body, kGitea, "gitea_push"); },
  };
  return provider;
}

const Provider& forgejo() {
  static const Provider provider{
      .name = "forgejo",
      .marks = {"X-Forgejo-Event", "X-Forgejo-Signature"},
      .id_headers = {"X-Forgejo-Delivery", "X-Gitea-Delivery"},
      .prove = prove<kForgejo>,
      .read = [](auto& head, auto body) { return read(head, body, kForgejo, "forgejo_push"); },
  };
  return provider;
}

const Provider& gogs() {
  static const Provider provider{
      .name = "gogs",
      .marks = {"X-Gogs-Event", "X-Gogs-Signature"},
      .id_headers = {"X-Gogs-Delivery"},
      .prove = prove<kGogs>,
      .read = [](auto& head, auto body) { return read(head, body, kGogs, "gogs_push"); },
  };
  return provider;
}

}  // namespace cadence::ingest
