// A delivery as a sender makes it, and what becomes of it at a provider: without a server, a store or a clock.
#pragma once

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "ingest/providers/provider.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

inline const base::Wall kNow{std::chrono::seconds(1700000000)};

inline net::RequestHead head_of(std::vector<net::Header> headers) {
  net::RequestHead head;
  head.method = "POST";
  head.headers = std::move(headers);
  return head;
}

// The values of the secrets that made it; or the code of the refusal, or "unproven".
inline std::string proven_by(const Provider& provider, std::vector<net::Header> headers, const std::string& body,
                             std::vector<Secret> secrets, base::Wall now = kNow) {
  auto begun =
      provider.prove(head_of(std::move(headers)), std::make_shared<std::vector<Secret>>(std::move(secrets)), now);
  if (const auto* refusal = std::get_if<Refusal>(&begun)) return refusal->code;
  auto& proof = std::get<std::unique_ptr<Proof>>(begun);
  // In two pieces, as a body arrives.
  proof->update(std::string_view(body).substr(0, body.size() / 2));
  proof->update(std::string_view(body).substr(body.size() / 2));
  std::vector<std::string> values;
  for (const auto* secret : proof->finish(body)) values.push_back(secret->value);
  return values.empty() ? "unproven" : base::join(values, "+");
}

inline std::string hex_hmac(const std::string& secret, const std::string& body) {
  return base::to_hex(net::hmac_sha256(secret, body));
}

// "type url repo full_name branch commit author" of each job, one a line; or "ignored EVENT REASON"; or the error.
inline std::string read_as(const Provider& provider, std::vector<net::Header> headers, const std::string& body) {
  const auto event = provider.read(head_of(std::move(headers)), body);
  if (!event) return "error " + event.error().message;
  if (const auto* ignored = std::get_if<Ignored>(&*event)) return "ignored " + ignored->event + " " + ignored->reason;
  std::vector<std::string> lines;
  for (const auto& job : std::get<Push>(*event).jobs)
    lines.push_back(
        base::join({job.event_type, job.url, job.repo, job.full_name, job.branch, job.commit, job.author}, " "));
  return base::join(lines, "\n");
}

}  // namespace cadence::ingest
