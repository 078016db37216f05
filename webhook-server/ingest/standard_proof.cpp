// Standard Webhooks 1.0.0 (standard-webhooks/spec), as GitLab's signing token uses it too.
#include "base/text.hpp"
#include "ingest/proofs.hpp"
#include "net/http.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

namespace {

constexpr std::string_view kSymmetric = "whsec_", kPublic = "whpk_", kPrivate = "whsk_";
constexpr std::size_t kShortestKey = 24, kPublicKey = 32;  // bytes, by the specification
constexpr std::size_t kMostSignatures = 16;                // a sender sends one for each of its keys in use

std::optional<std::string> key_of(const std::string& secret, std::string_view prefix) {
  if (!secret.starts_with(prefix)) return std::nullopt;
  return base::from_base64(std::string_view(secret).substr(prefix.size()));
}

struct Signatures {
  std::vector<std::string> symmetric, asymmetric;  // raw bytes
};

// "v1,<base64> v1a,<base64> …"; versions that nobody knows are passed over.
Signatures parse_signatures(std::string_view header) {
  Signatures signatures;
  for (const auto& part : base::split(header, ' ')) {
    const auto comma = part.find(',');
    if (comma == std::string::npos || signatures.symmetric.size() + signatures.asymmetric.size() >= kMostSignatures)
      continue;
    auto bytes = base::from_base64(std::string_view(part).substr(comma + 1));
    if (!bytes) continue;
    if (part.starts_with("v1,")) signatures.symmetric.push_back(std::move(*bytes));
    if (part.starts_with("v1a,")) signatures.asymmetric.push_back(std::move(*bytes));
  }
  return signatures;
}

class StandardProof final : public Proof {
 public:
  StandardProof(Secrecy secrets, std::string prefix, Signatures signatures)
      : secrets_(std::move(secrets)), prefix_(std::move(prefix)), signatures_(std::move(signatures)) {
    for (const auto& secret : *secrets_) {
      if (const auto key = key_of(secret.value, kSymmetric); key && !signatures_.symmetric.empty()) {
        codes_.push_back({&secret, net::HmacSha256(*key)});
        codes_.back().code.update(prefix_);
      }
      if (auto key = key_of(secret.value, kPublic); key && !signatures_.asymmetric.empty())
        keys_.emplace_back(&secret, std::move(*key));
    }
  }

  void update(std::string_view piece) override {
    for (auto& code : codes_) code.code.update(piece);
  }

  std::vector<const Secret*> finish(std::string_view body) override {
    std::vector<const Secret*> matching;
    for (auto& [secret, code] : codes_) {
      const auto right = code.finish();
      bool is_right = false;
      for (const auto& signature : signatures_.symmetric)
        is_right = base::equals_in_constant_time(right, signature) || is_right;
      if (is_right) matching.push_back(secret);
    }
    if (keys_.empty()) return matching;
    const auto message = prefix_ + std::string(body);  // Ed25519 reads its message twice
    for (const auto& [secret, key] : keys_)
      for (const auto& signature : signatures_.asymmetric) {
        if (!net::verify_ed25519(key, message, signature)) continue;
        matching.push_back(secret);
        break;
      }
    return matching;
  }

 private:
  struct Code {
    const Secret* secret;
    net::HmacSha256 code;
  };
  Secrecy secrets_;
  std::string prefix_;
  Signatures signatures_;
  std::vector<Code> codes_;
  std::vector<std::pair<const Secret*, std::string>> keys_;
};

}  // namespace

base::Result<void> check_standard_secret(std::string_view value) {
  const auto refuse = [](const char* why) { return base::Error{base::ErrorKind::Invalid, why}; };
  const std::string secret(value);
  if (secret.starts_with(kPrivate))
    return refuse("is the sender's private key: the one that begins with whpk_ is meant");
  if (const auto key = key_of(secret, kSymmetric); key && key->size() >= kShortestKey) return base::ok();
  if (const auto key = key_of(secret, kPublic); key && key->size() == kPublicKey) return base::ok();
  return refuse("must be whsec_ and at least 24 bytes in base64, or whpk_ and a public key of 32 bytes in base64");
}

Begun standard_proof(const net::RequestHead& head, Secrecy secrets, base::Wall now) {
  const std::string id(net::find_header(head.headers, "webhook-id"));
  const std::string timestamp(net::find_header(head.headers, "webhook-timestamp"));
  const auto signature = net::find_header(head.headers, "webhook-signature");
  if (id.empty() || timestamp.empty() || signature.empty())
    return Refusal{"missing signature", "missing_signature",
                   "webhook-id, webhook-timestamp and webhook-signature are required"};
  const auto invalid = [](const char* code, const std::string& message) {
    return Refusal{"invalid signature", code, message};
  };
  // Points part what is signed: an id that has one could be read as another id, time and body.
  if (id.find('.') != std::string::npos) return invalid("invalid_signature", "webhook-id must not have a point");
  const auto seconds = base::parse_integer(timestamp);
  if (!seconds) return invalid("invalid_signature", "webhook-timestamp must be seconds since 1970");
  const auto now_seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto tolerance = kTimestampTolerance.count();
  if (*seconds < now_seconds - tolerance || *seconds > now_seconds + tolerance)
    return invalid("timestamp_out_of_tolerance",
                   "webhook-timestamp is more than " + std::to_string(tolerance) + " seconds from the server's clock");
  auto signatures = parse_signatures(signature);
  if (signatures.symmetric.empty() && signatures.asymmetric.empty())
    return invalid("invalid_signature", "webhook-signature must hold v1,<base64> or v1a,<base64>");
  return std::make_unique<StandardProof>(std::move(secrets), id + "." + timestamp + ".", std::move(signatures));
}

}  // namespace cadence::ingest
