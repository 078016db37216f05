#include "ingest/providers/github.hpp"

#include "ingest/proofs.hpp"
#include "ingest/providers/push.hpp"
#include "net/http.hpp"

namespace cadence::ingest {

namespace {

Begun prove(const net::RequestHead& head, Secrecy secrets, base::Wall) {
  const auto header = net::find_header(head.headers, "X-Hub-Signature-256");
  if (header.empty()) return Refusal{"missing signature", "missing_signature", "X-Hub-Signature-256 is required"};
  auto signature = parse_signature(header);
  if (!signature)
    return Refusal{"invalid signature", "invalid_signature", "X-Hub-Signature-256 must be sha256=<64 hex digits>"};
  return hmac_of_body(std::move(secrets), std::move(*signature));
}

base::Result<Event> read(const net::RequestHead& head, std::string_view body) {
  const auto event = net::find_header(head.headers, "X-GitHub-Event");
  // No header counts as a push: that is what callers of the older server rely on.
  if (!event.empty() && event != "push") return Event(Ignored{std::string(event), {}});
  return read_common_push(net::find_header(head.headers, "Content-Type"), body, "github_push");
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
